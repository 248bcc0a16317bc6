/**
 * Where in a `forehand.config.ts` a value of the configuration object is written.
 *
 *     ['zones', 0, 'files']  ->  the `/re/` in  zones: [{ files: /re/ }]
 *
 * Node's type stripping leaves every character where it was, so positions in the stripped text are
 * positions in the source. What a newcomer gets wrong: this reads the program without running it. A
 * value that is computed has no place of its own, and then the nearest thing around it has to do.
 */
import { stripTypeScriptTypes } from 'node:module';
import { type Expression, type ObjectExpression, type Program, type Property, parse } from 'acorn';
import type { Span } from '../diagnostic.ts';

export type Path = readonly (string | number)[];

/** Throws a SyntaxError with a position, `positionOfSyntaxError`. */
export function parseSource(source: string): Program {
  const stripped = stripTypeScriptTypes(source);
  return parse(stripped, { ecmaVersion: 'latest', sourceType: 'module' });
}

/** The key of a path, for what is wrong with the key itself. */
export function locateKey(program: Program, path: Path): Span | null {
  const at = walk(program, path);
  return at.complete && at.property !== null ? spanOf(at.property.key) : spanOfWalk(at);
}

export function locateValue(program: Program, path: Path): Span | null {
  return spanOfWalk(walk(program, path));
}

type Walked = {
  /** The innermost expression that was found on the way. */
  readonly expression: Expression | null;
  /** The property whose value that is, when it is one. */
  readonly property: Property | null;
  readonly complete: boolean;
};

function spanOfWalk({ expression, property, complete }: Walked): Span | null {
  // Half way, the key names the part; its value may be a screen long.
  if (!complete && property !== null) return spanOf(property.key);
  return expression === null ? null : firstLine(spanOf(expression), expression);
}

function walk(program: Program, path: Path): Walked {
  let expression = defaultExport(program);
  let property: Property | null = null;
  for (const step of path) {
    const object = expression === null ? null : resolved(expression, program);
    let next: Expression | null = null;
    if (object?.type === 'ObjectExpression') {
      const found = propertyNamed(object, String(step), program);
      if (found !== null) {
        property = found;
        next = found.value;
      }
    } else if (object?.type === 'ArrayExpression' && typeof step === 'number') {
      const before = object.elements.slice(0, step);
      const element = object.elements[step];
      // Behind a spread, an index says nothing of what stands where.
      const counted = before.every((item) => item?.type !== 'SpreadElement');
      if (counted && element != null && element.type !== 'SpreadElement') {
        property = null;
        next = element;
      }
    } else if (step === 0 && object !== null) {
      // One value where a list is allowed: the list's only element is the value.
      next = object;
    }
    if (next === null) return { expression, property, complete: false };
    expression = next;
  }
  return { expression, property, complete: true };
}

/**
 * What `export default` hands out: `defineCluster({ ... })`, the object itself, or a name for
 * one.
 */
function defaultExport(program: Program): Expression | null {
  for (const node of program.body) {
    if (node.type !== 'ExportDefaultDeclaration') continue;
    const { declaration } = node;
    if (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') {
      return null;
    }
    const expression = resolved(declaration, program);
    if (expression.type !== 'CallExpression') return expression;
    const argument = expression.arguments[0];
    return argument === undefined || argument.type === 'SpreadElement' ? null : argument;
  }
  return null;
}

/** Constants that name each other in a circle fail when the file is run, but it is read before. */
const NAMES_FOLLOWED_MAX = 16;

/** Follows names to the constants they stand for, at the top of the same file. */
function resolved(expression: Expression, program: Program): Expression {
  let current = expression;
  for (let count = 0; count < NAMES_FOLLOWED_MAX && current.type === 'Identifier'; count++) {
    const constant = constantNamed(current.name, program);
    if (constant === null) break;
    current = constant;
  }
  return current;
}

function constantNamed(name: string, program: Program): Expression | null {
  for (const node of program.body) {
    const inner = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    if (inner?.type !== 'VariableDeclaration') continue;
    for (const { id, init } of inner.declarations) {
      if (id.type === 'Identifier' && id.name === name && init != null) return init;
    }
  }
  return null;
}

/** The last one counts, as when the program runs; a spread object may hold it too. */
function propertyNamed(
  object: ObjectExpression,
  name: string,
  program: Program,
  depth = 0,
): Property | null {
  for (const property of object.properties.toReversed()) {
    if (property.type === 'Property') {
      const { key } = property;
      if (!property.computed && key.type === 'Identifier' && key.name === name) return property;
      if (key.type === 'Literal' && String(key.value) === name) return property;
      continue;
    }
    const spread = resolved(property.argument, program);
    if (spread.type !== 'ObjectExpression' || depth === NAMES_FOLLOWED_MAX) continue;
    const found = propertyNamed(spread, name, program, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

function spanOf({ start, end }: { readonly start: number; readonly end: number }): Span {
  return { start, end };
}

/** Of an object or a function, its opening: carets under all of it would point at nothing. */
function firstLine(span: Span, { type }: Expression): Span {
  const isLong = type === 'ObjectExpression' || type === 'ArrowFunctionExpression';
  return isLong ? { start: span.start, end: span.start + 1 } : span;
}
