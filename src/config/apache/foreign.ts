/**
 * The words of Apache that are not our business, so that a real `httpd.conf` can be read whole.
 *
 * Directives of the core and the standard modules of Apache 1.3, 2.0, 2.2 and 2.4, by module, from
 * the directive indexes of their manuals. They are reported once and left alone; any other unknown
 * word is a slip of the pen and so an error. Sections here are skipped with all they hold.
 */
const CORE = `
  AcceptFilter AcceptMutex AcceptPathInfo AccessConfig AddDefaultCharset AddModule
  AllowEncodedSlashes AllowOverrideList AuthName AuthType AuthDigestRealmSeed BS2000Account
  CGIMapExtension CGICommandArgs CGIDScriptTimeout CGIPassAuth CGIVar ChrootDir ClearModuleList
  ContentDigest CoreDumpDirectory DefaultRuntimeDir DefaultType EBCDICConvert EBCDICConvertByType
  EBCDICKludge EnableExceptionHook EnableMMAP EnableSendfile Error ErrorDocument ErrorLog
  ErrorLogFormat ExtendedStatus FileETag FlushMaxPipelined FlushMaxThreshold ForceType
  GprofDir GracefulShutdownTimeout Group HostnameLookups HttpProtocolOptions IdentityCheck KeepAlive
  KeepAliveTimeout LimitInternalRecursion LimitRequestBody LimitRequestFieldSize
  LimitRequestFields LimitRequestLine LimitXMLRequestBody ListenBacklog
  ListenCoresBucketsRatio LoadFile LoadModule LockFile LogLevel MaxClients
  MaxConnectionsPerChild MaxKeepAliveRequests MaxMemFree MaxRangeOverlaps MaxRangeReversals
  MaxRanges MaxRequestWorkers MaxRequestsPerChild MaxRequestsPerThread MaxSpareServers
  MaxSpareThreads MaxThreads MaxThreadsPerChild MergeSlashes MergeTrailers MinSpareServers
  MinSpareThreads Mutex NWSSLTrustedCerts NWSSLUpgradeable NameVirtualHost NumServers Options
  PidFile Protocol Protocols ProtocolsHonorOrder QualifyRedirectURL ReadBufferSize ReceiveBufferSize
  RegexDefaultOptions Require ResourceConfig RLimitCPU RLimitMEM RLimitNPROC Satisfy
  ScoreBoardFile ScriptInterpreterSource ScriptSock SecureListen SeeRequestTail SendBufferSize
  ServerAdmin ServerAlias ServerLimit ServerPath ServerSignature ServerTokens
  ServerType SetInputFilter SetOutputFilter StartServers StartThreads StrictHostCheck Suexec
  ThreadLimit ThreadStackSize ThreadsPerChild TimeOut TraceEnable UnDefine UnsetEnvIf
  UseCanonicalName UseCanonicalPhysicalPort User Win32DisableAcceptEx AsyncRequestWorkerFactor
  AssignUserId ChildPerUserId AsyncFilter`;

const MODULES = `
  Action Script AddAlt AddAltByEncoding AddAltByType AddCharset AddDescription AddEncoding
  AddHandler AddIcon AddIconByEncoding AddIconByType AddInputFilter AddLanguage
  AddModuleInfo AddOutputFilter AddOutputFilterByType AddType Alias AliasMatch AliasPreservePath
  Allow AllowCONNECT AllowHandlers AllowMethods Anonymous Anonymous_Authoritative
  Anonymous_LogEmail Anonymous_MustGiveEmail Anonymous_NoUserID Anonymous_VerifyEmail
  AsyncRequestWorkerFactor AuthAuthoritative AuthBasicAuthoritative AuthBasicFake
  AuthBasicProvider AuthBasicUseDigestAlgorithm AuthDBAuthoritative AuthDBGroupFile
  AuthDBUserFile AuthDBDUserPWQuery AuthDBDUserRealmQuery AuthDBMAuthoritative AuthDBMGroupFile
  AuthDBMType AuthDBMUserFile AuthDefaultAuthoritative AuthDigestAlgorithm AuthDigestDomain
  AuthDigestFile AuthDigestGroupFile AuthDigestNcCheck AuthDigestNonceFormat
  AuthDigestNonceLifetime AuthDigestProvider AuthDigestQop AuthDigestShmemSize AuthFormProvider
  AuthGroupFile AuthLDAPBindDN AuthLDAPBindPassword AuthLDAPURL AuthMerging AuthUserFile
  AuthnProviderAlias AuthnzFcgiDefineProvider AuthzDBMType AuthzProviderAlias
  BalancerGrowth BalancerInherit BalancerMember BalancerPersist BrotliCompressionQuality
  BrowserMatch BrowserMatchNoCase BufferedLogs BufferSize CacheDefaultExpire CacheDetailHeader
  CacheDirLength CacheDirLevels CacheDisable CacheEnable CacheFile CacheFileSize
  CacheForceCompletion CacheGcClean CacheGcDaily CacheGcInterval CacheGcMemUsage CacheGcUnused
  CacheHeader CacheIgnoreCacheControl CacheIgnoreHeaders CacheIgnoreNoLastMod
  CacheIgnoreQueryString CacheKeyBaseURL CacheLastModifiedFactor CacheLock CacheMaxExpire
  CacheMaxFileSize CacheMinFileSize CacheNegotiatedDocs CacheQuickHandler CacheRoot CacheSize
  CacheSocache CacheStoreNoStore CacheStorePrivate CharsetDefault CharsetOptions CharsetSourceEnc
  CheckBasenameMatch CheckCaseOnly CheckSpelling CookieDomain CookieExpires CookieLog CookieName
  CookieStyle CookieTracking CustomLog DAV DAVDepthInfinity DAVLockDB DAVMinTimeout
  DBDriver DBDExptime DBDKeep DBDMax DBDMin DBDParams DBDPersist DBDPrepareSQL DefaultIcon
  DefaultLanguage DeflateBufferSize DeflateCompressionLevel DeflateFilterNote
  DeflateInflateLimitRequestBody DeflateMemLevel DeflateWindowSize Deny DirectoryCheckHandler
  DirectoryIndexRedirect DirectorySlash DumpIOInput DumpIOLogLevel DumpIOOutput Example
  ExpiresActive ExpiresByType ExpiresDefault ExtFilterDefine ExtFilterOptions FallbackResource
  FancyIndexing FilterChain FilterDeclare FilterProtocol FilterProvider FilterTrace
  ForceLanguagePriority ForensicLog H2Direct H2MaxSessionStreams H2Push H2Upgrade H2WindowSize
  Header HeaderName HeartbeatAddress HeartbeatListen HeartbeatMaxServers HeartbeatStorage
  ImapBase ImapDefault ImapMenu IndexForbiddenReturn404 IndexHeadInsert IndexIgnore
  IndexIgnoreReset IndexOptions IndexOrderDefault IndexStyleSheet ISAPIAppendLogToErrors
  ISAPIAppendLogToQuery ISAPICacheFile ISAPIFakeAsync ISAPILogNotSupported
  ISAPIReadAheadBuffer InputSed LanguagePriority LDAPCacheEntries LDAPCacheTTL
  LDAPConnectionTimeout LDAPOpCacheEntries LDAPOpCacheTTL LDAPReferrals LDAPSharedCacheFile
  LDAPSharedCacheSize LDAPTrustedCA LDAPTrustedCAType LDAPTrustedGlobalCert LDAPTrustedMode
  LDAPVerifyServerCert LogFormat LogIOTrackTTFB LogMessage LuaHookFixups LuaPackagePath LuaRoot
  MCacheMaxObjectCount MCacheMaxObjectSize MCacheMinObjectSize MCacheRemovalAlgorithm MCacheSize
  MDomain MDCertificateAgreement MemcacheConnTTL MetaDir MetaFiles MetaSuffix MimeMagicFile
  MMapFile ModMimeUsePathInfo MultiviewsMatch NoCache NoProxy Order OutputSed PassEnv
  ProxyAddHeaders ProxyBadHeader ProxyBlock ProxyDomain ProxyErrorOverride
  ProxyExpressDBMFile ProxyExpressEnable ProxyFCGIBackendType ProxyFtpDirCharset
  ProxyHCExpr ProxyHCTemplate ProxyHTMLEnable ProxyHTMLURLMap ProxyIOBufferSize
  ProxyMaxForwards ProxyPass ProxyPassInherit ProxyPassInterpolateEnv ProxyPassMatch
  ProxyPassReverse ProxyPassReverseCookieDomain ProxyPassReverseCookiePath ProxyPreserveHost
  ProxyReceiveBufferSize ProxyRemote ProxyRemoteMatch ProxyRequests ProxySet
  ProxySourceAddress ProxyStatus ProxyTimeout ProxyVia ReadmeName ReflectorHeader Redirect
  RedirectMatch RedirectPermanent RedirectTemp RefererIgnore RefererLog RemoteIPHeader
  RemoteIPInternalProxy RemoteIPProxyProtocol RemoteIPTrustedProxy RemoveCharset RemoveEncoding
  RemoveHandler RemoveInputFilter RemoveLanguage RemoveOutputFilter RemoveType RequestHeader
  RequestReadTimeout RewriteBase RewriteCond RewriteEngine RewriteLock RewriteLog
  RewriteLogLevel RewriteMap RewriteOptions RewriteRule ScriptAlias ScriptAliasMatch ScriptLog
  ScriptLogBuffer ScriptLogLength Session SessionCookieName SessionCryptoPassphrase SessionMaxAge
  SetEnv SetEnvIf SetEnvIfExpr SetEnvIfNoCase SSIAccessEnable SSIEndTag SSIErrorMsg SSIETag
  SSIStartTag SSITimeFormat SSIUndefinedEcho SSLCACertificateFile SSLCACertificatePath
  SSLCARevocationFile SSLCARevocationPath SSLCertificateChainFile SSLCertificateFile
  SSLCertificateKeyFile SSLCipherSuite SSLCompression SSLCryptoDevice SSLEngine SSLFIPS
  SSLHonorCipherOrder SSLInsecureRenegotiation SSLLog SSLLogLevel SSLMutex SSLOCSPEnable
  SSLOpenSSLConfCmd SSLOptions SSLPassPhraseDialog SSLProtocol SSLProxyCACertificateFile
  SSLProxyCheckPeerName SSLProxyCipherSuite SSLProxyEngine SSLProxyProtocol SSLProxyVerify
  SSLRandomSeed SSLRequire SSLRequireSSL SSLSessionCache SSLSessionCacheTimeout
  SSLSessionTickets SSLStaplingCache SSLStrictSNIVHostCheck SSLUserName SSLUseStapling
  SSLVerifyClient SSLVerifyDepth Substitute SuexecUserGroup TransferLog TypesConfig UnsetEnv
  UserDir VirtualDocumentRoot VirtualDocumentRootIP VirtualScriptAlias VirtualScriptAliasIP
  WatchdogInterval XBitHack xml2EncDefault`;

/** Not of the Apache project, but in nearly every `httpd.conf` of the article's time. */
const PHP = 'php_admin_flag php_admin_value php_flag php_value php3_engine PHPIniDir';

export const FOREIGN_DIRECTIVES: readonly string[] = `${CORE} ${MODULES} ${PHP}`
  .split(/\s+/)
  .filter((name) => name !== '');

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
  'mod_so.c',
  'so_module',
];
