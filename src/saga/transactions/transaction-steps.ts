/**
 * How an isolated saga ends, as steps of its own around those of its author: the machine knows nothing
 * else of isolation, and what is journalled, repeated, undone and shown is so here too.
 *
 * 1. The first step does nothing; its undo, which runs behind all others, has every service reject.
 * 2. Behind the author's steps all services are asked to reserve. One that refuses, or does not answer
 *    in time, unwinds the saga; so do its deadline and a cancellation until then.
 * 3. When all have reserved the saga passes its pivot: that entry of the journal is what decides.
 * 4. From then on they are told to commit, until each has acknowledged it.
 */
import { codedError } from '../../errors.ts'
import type { Binding } from '../../machine/bindings.ts'
import {
  NO_RETRY,
  type RetryPolicy,
  type SequenceNode,
  type StepNode,
} from '../../machine/definition.ts'
import type { TransactionVerb } from '../../participant/transaction-topics.ts'

/** The paths of these steps, by what is asked of the services there. */
const TRANSACTION_PATHS: Readonly<Record<TransactionVerb, string>> = {
  reject: 'transaction',
  reserve: 'transaction.reserve',
  commit: 'transaction.commit',
}

/** The path of the pivot: all have agreed. */
const AGREED_PATH = 'transaction.agreed'

/** Asks all services of an execution to do something; rejects until all have done it. */
export type AskServices = (
  verb: TransactionVerb,
  info: { readonly attempt: number; readonly signal: AbortSignal },
) => Promise<void>

/** The steps of an author, isolated. */
export function isolatedSequence(root: SequenceNode): SequenceNode {
  return { ...root, nodes: [OPEN, ...root.nodes, RESERVE, AGREED, COMMIT] }
}

/** What these steps do. Without services to ask they cannot be done. */
export function transactionBindings(
  ask: AskServices = noServices,
): readonly (readonly [string, Binding])[] {
  const reject: Binding = {
    kind: 'operation',
    run: () => undefined,
    undo: (_, info) => ask('reject', info),
  }
  const reserve: Binding = { kind: 'operation', run: (_, info) => ask('reserve', info) }
  const commit: Binding = { kind: 'operation', run: (_, info) => ask('commit', info) }
  return [
    [TRANSACTION_PATHS.reject, reject],
    [TRANSACTION_PATHS.reserve, reserve],
    [AGREED_PATH, { kind: 'operation', run: () => undefined }],
    [TRANSACTION_PATHS.commit, commit],
  ]
}

/** A service that is away is asked again for as long as it takes. */
const UNTIL_ACKNOWLEDGED: RetryPolicy = {
  maxAttempts: Infinity,
  initialMs: 200,
  factor: 2,
  maxMs: 60_000,
  jitter: 'full',
}

/** Milliseconds for one attempt, which waits for the answers of all services. */
const ATTEMPT_MS = 10_000

const COMMON = {
  kind: 'step',
  does: 'operation',
  undo: 'none',
  // What may have been reserved is released by the undo of the first step.
  undoesUnknown: true,
  probes: false,
  atMostOnce: false,
  undoesOwnFailure: false,
  retry: UNTIL_ACKNOWLEDGED,
  undoRetry: UNTIL_ACKNOWLEDGED,
  attemptTimeoutMs: ATTEMPT_MS,
  undoTimeoutMs: ATTEMPT_MS,
} as const

const OPEN: StepNode = {
  ...COMMON,
  ...named('reject'),
  mode: 'compensatable',
  undo: 'declared',
  retry: NO_RETRY,
}

const RESERVE: StepNode = {
  ...COMMON,
  ...named('reserve'),
  mode: 'compensatable',
  // As long as a saga of the reference waits for its votes.
  timeoutMs: 60_000,
}

const AGREED: StepNode = { ...COMMON, path: AGREED_PATH, name: AGREED_PATH, mode: 'pivot' }

const COMMIT: StepNode = { ...COMMON, ...named('commit'), mode: 'retriable' }

function named(verb: TransactionVerb): { readonly path: string; readonly name: string } {
  return { path: TRANSACTION_PATHS[verb], name: TRANSACTION_PATHS[verb] }
}

function noServices(): Promise<never> {
  const hint = 'An isolated saga is run by openSagaManager.'
  return Promise.reject(codedError('BINDING_MISSING', { hint }))
}
