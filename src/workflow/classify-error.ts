/** A guess at what kind of failure an error is, by its words. TTA.dev's `classify_error`. */
import { CodedError, dispositionOf, messageOf } from '../errors.ts'

/** Kinds of failures. All but `resource` and `permanent` are worth another try. */
export type ErrorCategory = 'network' | 'rate_limit' | 'resource' | 'transient' | 'permanent'

/** How bad a failure is. */
export type ErrorSeverity = 'low' | 'medium' | 'high' | 'critical'

/** Sorts an error by its name and message, in the order of the list; errors with a code by that. */
export function classifyError(error: unknown): {
  readonly category: ErrorCategory
  readonly severity: ErrorSeverity
} {
  if (error instanceof CodedError) {
    return dispositionOf(error.grpcStatus) === 'retry' ? MEDIUM.transient : HIGH.permanent
  }
  const text = `${error instanceof Error ? error.name : ''} ${messageOf(error)}`.toLowerCase()
  return KINDS.find(([words]) => words.some((word) => text.includes(word)))?.[1] ?? HIGH.permanent
}

/** Whether an error is worth another try; fits `retryIf`. */
export function isTransient(error: unknown): boolean {
  const { category } = classifyError(error)
  return category !== 'permanent' && category !== 'resource'
}

type Kind = { readonly category: ErrorCategory; readonly severity: ErrorSeverity }

const MEDIUM = {
  network: { category: 'network', severity: 'medium' },
  rateLimit: { category: 'rate_limit', severity: 'medium' },
  transient: { category: 'transient', severity: 'medium' },
} as const
const HIGH = {
  resource: { category: 'resource', severity: 'high' },
  permanent: { category: 'permanent', severity: 'high' },
} as const

const KINDS: readonly (readonly [readonly string[], Kind])[] = [
  [['connection', 'timeout', 'network', 'unreachable'], MEDIUM.network],
  [['rate limit', 'too many requests', '429', 'quota'], MEDIUM.rateLimit],
  [['memory', 'disk', 'resource', 'no space'], HIGH.resource],
  [['temporary', 'unavailable', '503', '502', '504'], MEDIUM.transient],
]
