/**
 * The words of Apache that are not our business, so that a real `httpd.conf` can be read whole.
 *
 * Directives of the core and the standard modules of Apache 1.3 to 2.4; every name in the directive
 * index of the 2.4 manual is covered. They are reported once and left alone; any other unknown word
 * is a slip of the pen and so an error. Sections here are skipped with all they hold.
 */
const CORE = `
  AcceptFilter AcceptMutex AcceptPathInfo AccessConfig AddDefaultCharset AddModule
  AllowEncodedSlashes AllowOverrideList AssignUserId AsyncFilter AsyncRequestWorkerFactor
  BS2000Account CGICommandArgs CGIDScriptTimeout CGIMapExtension CGIPassAuth CGIVar ChildPerUserId
  ChrootDir ClearModuleList ContentDigest CoreDumpDirectory DefaultRuntimeDir DefaultType
  EBCDICConvert EBCDICConvertByType EBCDICKludge EnableExceptionHook EnableMMAP EnableSendfile
  Error ErrorDocument ErrorLog ErrorLogFormat ExtendedStatus FileETag FlushMaxPipelined
  FlushMaxThreshold ForceType GprofDir GracefulShutdownTimeout Group HostnameLookups
  HttpProtocolOptions IdentityCheck KeepAlive KeepAliveTimeout LimitInternalRecursion
  LimitRequestBody LimitRequestFields LimitRequestFieldSize LimitRequestLine LimitXMLRequestBody
  ListenBacklog ListenCoresBucketsRatio LoadFile LoadModule LockFile LogLevel MaxClients
  MaxConnectionsPerChild MaxKeepAliveRequests MaxMemFree MaxRangeOverlaps MaxRangeReversals
  MaxRanges MaxRequestsPerChild MaxRequestsPerThread MaxRequestWorkers MaxSpareServers
  MaxSpareThreads MaxThreads MaxThreadsPerChild MergeSlashes MergeTrailers MinSpareServers
  MinSpareThreads Mutex NameVirtualHost NumServers NWSSLTrustedCerts NWSSLUpgradeable Options
  PidFile Protocol Protocols ProtocolsHonorOrder QualifyRedirectURL ReadBufferSize
  ReceiveBufferSize RegexDefaultOptions Require ResourceConfig RLimitCPU RLimitMEM RLimitNPROC
  Satisfy ScoreBoardFile ScriptInterpreterSource ScriptSock SecureListen SeeRequestTail
  SendBufferSize ServerAdmin ServerAlias ServerLimit ServerPath ServerSignature ServerTokens
  ServerType SetInputFilter SetOutputFilter StartServers StartThreads StrictHostCheck Suexec
  ThreadLimit ThreadsPerChild ThreadStackSize TimeOut TraceEnable UnDefine
  UseCanonicalName UseCanonicalPhysicalPort User Win32DisableAcceptEx`;

const MODULES = `
  Action AddAlt AddAltByEncoding AddAltByType AddCharset AddDescription AddEncoding AddHandler
  AddIcon AddIconByEncoding AddIconByType AddInputFilter AddLanguage AddModuleInfo AddOutputFilter
  AddOutputFilterByType AddType Alias AliasMatch AliasPreservePath Allow AllowCONNECT
  AllowHandlers AllowMethods Anonymous Anonymous_Authoritative Anonymous_LogEmail
  Anonymous_MustGiveEmail Anonymous_NoUserID Anonymous_VerifyEmail BrowserMatch BrowserMatchNoCase
  BufferedLogs BufferSize CGIScriptTimeout CharsetDefault CharsetOptions CharsetSourceEnc
  CheckBasenameMatch CheckCaseOnly CheckSpelling  DefaultIcon DefaultLanguage Deny
  DirectoryCheckHandler DirectoryIndexRedirect DirectorySlash DTracePrivileges DumpIOInput
  DumpIOLogLevel DumpIOOutput Example ExpiresActive ExpiresByType ExpiresDefault ExtFilterDefine
  ExtFilterOptions FallbackResource FancyIndexing FilterChain FilterDeclare FilterProtocol
  FilterProvider FilterTrace ForceLanguagePriority ForensicLog Header HeaderName HeartbeatAddress
  HeartbeatListen HeartbeatMaxServers HeartbeatStorage IdentityCheckTimeout ImapBase ImapDefault
  ImapMenu IndexForbiddenReturn404 IndexHeadInsert IndexIgnore IndexIgnoreReset IndexOptions
  IndexOrderDefault IndexStyleSheet InputSed KeptBodySize LanguagePriority LogFormat
  LogIOTrackTTFB LogMessage MemcacheConnTTL MetaDir MetaFiles MetaSuffix MimeMagicFile MMapFile
  ModemStandard ModMimeUsePathInfo MultiviewsMatch NoCache NoProxy Order OutputSed PassEnv
  PrivilegesMode ProtocolEcho ReadmeName Redirect RedirectMatch RedirectPermanent RedirectRelative
  RedirectTemp RefererIgnore RefererLog ReflectorHeader RegisterHttpMethod RemoveCharset
  RemoveEncoding RemoveHandler RemoveInputFilter RemoveLanguage RemoveOutputFilter RemoveType
  RequestHeader RequestReadTimeout Script ScriptAlias ScriptAliasMatch ScriptLog ScriptLogBuffer
  ScriptLogLength SetEnv SetEnvIf SetEnvIfExpr SetEnvIfNoCase SuexecUserGroup
  TypesConfig UndefMacro UnsetEnv Use UserDir VirtualDocumentRoot VirtualDocumentRootIP
  VirtualScriptAlias VirtualScriptAliasIP WatchdogInterval XBitHack`;

/** Not of the Apache project, but in nearly every `httpd.conf` of the article's time. */
const PHP = 'php_admin_flag php_admin_value php_flag php_value php3_engine PHPIniDir';

/**
 * Modules whose directives all begin alike. Taken whole, as their words are many, change with each
 * release, and none of ours begins like one of them.
 */
const FAMILIES: readonly string[] = [
  'auth',
  'balancer',
  'brotli',
  'cache',
  'cookie',
  'dav',
  'dbd',
  'deflate',
  'h2',
  'isapi',
  'ldap',
  'lua',
  'mcache',
  'md',
  'proxy',
  'redis',
  'remoteip',
  'rewrite',
  'session',
  'ssi',
  'ssl',
  'substitute',
  'vhost',
  'xml2',
];

export const FOREIGN_DIRECTIVES: readonly string[] = `${CORE} ${MODULES} ${PHP}`
  .split(/\s+/)
  .filter((name) => name !== '');

const FOREIGN = new Set(FOREIGN_DIRECTIVES.map((name) => name.toLowerCase()));

export function isForeignDirective(name: string): boolean {
  const wanted = name.toLowerCase();
  return FOREIGN.has(wanted) || FAMILIES.some((family) => wanted.startsWith(family));
}

export const FOREIGN_SECTIONS: readonly string[] = [
  'AuthnProviderAlias',
  'AuthzProviderAlias',
  'Else',
  'ElseIf',
  'If',
  'IfDirective',
  'IfFile',
  'IfSection',
  'IfVersion',
  'Limit',
  'LimitExcept',
  'Macro',
  'MDomainSet',
  'Perl',
  'Proxy',
  'ProxyMatch',
  'RequireAll',
  'RequireAny',
  'RequireNone',
];

/** Directives whose setting exists here under another name, as ours means something different. */
export const INSTEAD: Readonly<Record<string, string>> = {
  keepalivetimeout: 'ForehandKeepAliveTimeout',
  limitrequestfieldsize: 'ForehandHeadBytesMax',
  limitrequestline: 'ForehandHeadBytesMax',
  maxclients: 'ForehandClientsMax',
  maxrequestworkers: 'ForehandClientsMax',
  proxypass: 'ForehandApplication',
  proxytimeout: 'ForehandResponseTimeout',
  requestreadtimeout: 'ForehandHeadTimeout',
  timeout: 'ForehandResponseTimeout',
};

/**
 * Modules that `<IfModule>` finds: mod_backhand, and those whose work for a request is done here.
 * Both names of a module count, the file's and, since Apache 2.1, the identifier.
 */
export const PRESENT_MODULES: readonly string[] = [
  'mod_backhand.c',
  'backhand_module',
  'core.c',
  'core_module',
  'http_core.c',
  'http_module',
  'mod_dir.c',
  'dir_module',
  'mod_log_config.c',
  'log_config_module',
  'mod_so.c',
  'so_module',
];
