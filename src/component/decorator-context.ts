/** Whether a decorator was called the way the language calls it, and in the right place. */
import { declarationError } from './errors.ts'

/**
 * Checks the second argument of a decorator.
 *
 * @throws CodedError `DECORATOR_LEGACY` when there is none, or a property key;
 *   `DECORATOR_MISPLACED` on anything but what it is for
 */
export function requireDecorated(
  value: unknown,
  context: unknown,
  kind: 'class' | 'method',
): asserts context is DecoratorContext {
  if (typeof value !== 'function' || !isStandard(context)) {
    throw declarationError(
      'DECORATOR_LEGACY',
      { field: typeof context === 'string' ? context : kind },
      'These are standard decorators: remove "experimentalDecorators" from the compilerOptions of ' +
        'tsconfig.json (and "emitDecoratorMetadata" with it), or use defineAggregate and its kin.',
    )
  }
  const { private: isPrivate, static: isStatic } = { private: false, static: false, ...context }
  if (context.kind !== kind || isPrivate || isStatic) {
    throw declarationError(
      'DECORATOR_MISPLACED',
      { field: String(context.name), expected_kind: kind, actual: context.kind },
      kind === 'method' ? 'It belongs on a public method of instances.' : 'It belongs on a class.',
    )
  }
}

function isStandard(context: unknown): context is DecoratorContext {
  return typeof context === 'object' && context !== null && 'kind' in context
}
