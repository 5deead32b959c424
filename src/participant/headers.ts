/**
 * The headers of requests and replies. The first four are those of the reference system (Minos),
 * so that its participants understand ours; the others are our own.
 */
export const headerNames = {
  /** The id of the execution that asks. */
  saga: 'saga',
  /** Ids of the isolated executions it belongs to, comma-separated, the outermost first. */
  transactions: 'transactions',
  /** Services that took part, comma-separated; for an isolated execution those that isolate. */
  relatedServices: 'related_services',
  /** For whom the execution runs. */
  user: 'user',
  /** The id of the request: the same for every attempt. */
  request: 'request',
  /** Counts from 1. */
  attempt: 'attempt',
  /** `forward` or `backward`. */
  direction: 'direction',
  /** The path of the step in its definition. */
  path: 'path',
  correlationId: 'correlation_id',
  /** Of an undo: the id of the request that it undoes. */
  undoes: 'undoes',
  /** The target of that request. */
  undoesTarget: 'undoes_target',
  /** When that request was first sent, in nanoseconds since 1970. */
  undoesSentAt: 'undoes_sent_at',
  /** `yes` when that request is known to have had its effect. */
  undoesHappened: 'undoes_happened',
  /** Of a reply: the code of a refusal or failure. */
  code: 'code',
  /** Of a reply: `none` when the request had no effect, because there was nothing to do. */
  effect: 'effect',
} as const

/** The items of a comma-separated header, in order; an empty or missing header has none. */
export function listOf(header: string | undefined): string[] {
  return header === undefined || header === '' ? [] : header.split(',')
}

/** Items as a comma-separated header, each once. */
export function headerOf(items: readonly string[]): string {
  return [...new Set(items)].join(',')
}

/** The topic on which the replies for a service arrive, unless it says otherwise. Verbatim. */
export function replyTopicOf(service: string): string {
  return `${service}Reply`
}
