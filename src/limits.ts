/**
 * Every bound of the system, in one place, with the relations between them asserted below.
 * Sizes are bytes, durations milliseconds, unless the name says otherwise.
 */
import { strict as assert } from 'node:assert'

const bounds = {
  /** Characters of a domain name. */
  domainLengthMax: 64,
  /** Characters of an edition name. */
  editionLengthMax: 64,
  /** Characters of a correlation id. */
  correlationIdLengthMax: 128,
  /** Characters of a component name. */
  componentNameLengthMax: 128,
  /** Characters of an idempotency key. */
  idempotencyKeyLengthMax: 256,
  /** Characters of a type URL. */
  typeUrlLengthMax: 256,
  /** Bytes of one page's payload. */
  payloadBytesMax: 262_144,
  /** Pages of one command book, and events of one decision. */
  pagesPerBookMax: 100,
  /** Books that one run of a saga or process manager may emit. */
  outputsPerReactionMax: 100,
  /** Books one query answers with. */
  queryResultsMax: 1_000,
  /** Bytes of one gRPC message. */
  grpcMessageBytesMax: 10_485_760,
  /** The last sequence of a stream (unsigned 32 bits, one kept free for "next"). */
  sequenceMax: 0xffff_fffe,
  /** Depth of a cascade of reactions. */
  cascadeDepthMax: 16,
  /** Commands that may wait for one aggregate. */
  mailboxLengthMax: 10_000,
  /** Times a command is decided anew because somebody else appended first. */
  decisionAttemptsMax: 10,
  /** Writes that may wait in the ledger before commits are held back. */
  ledgerQueueMax: 100_000,
  /** Writes that share one transaction at most. */
  writesPerGroupMax: 512,
  /** Bytes of pages that share one transaction at most. */
  bytesPerGroupMax: 8_388_608,
  /** Groups on their way to the ledger's writer: some in its hands, some waiting at its door. */
  groupsInFlightMax: 8,
  /** Characters of a row's key, a row's group, a space, or a claim's key. */
  ledgerKeyLengthMax: 1_024,
  /** Streams whose next sequence the ledger keeps in memory. */
  streamsCachedMax: 65_536,
  /** Type names, spaces and timelines that the ledger keeps in memory. */
  namesCachedMax: 8_192,
  /** How long a write waits for another process that holds the ledger. */
  ledgerBusyMs: 5_000,
  /** How often a follower of the log looks for writes of other processes. */
  followPollMs: 50,
  /** Bytes of write-ahead log at which it is copied back into the ledger file. */
  walBytesPerCheckpoint: 4_194_304,
  /** Bytes of write-ahead log at which commits wait until it is copied. */
  walBytesMax: 67_108_864,
  /** Events that one read brings from the ledger at most. */
  eventsPerReadMax: 1_000,
  /** Bytes that one read brings from the ledger, more only for a single event. */
  bytesPerReadMax: 2_097_152,
  /** Bytes of aggregate states kept in memory. */
  stateCacheBytesMax: 268_435_456,
  /** Events kept in memory for components that keep up with the log. */
  recentEventsMax: 16_384,
  /** Triggers that one component holds in memory. */
  triggersPerComponentMax: 4_096,
  /** Keys that one saga or process manager works on at a time. */
  lanesPerComponentMax: 256,
  /** Events that one run of a projector covers at most. */
  eventsPerProjectionMax: 256,
  /** Positions above the low-water mark that a component may have done before it waits. */
  positionsAheadMax: 65_536,
  /** Parked keys at which a component halts. */
  parkedKeysMax: 1_000,
  /** Attempts of a delivery or reaction, the first included, before it is a dead letter. */
  reactionAttemptsMax: 10,
  /** First wait between attempts. */
  reactionBackoffMsMin: 10,
  /** Longest wait between attempts. */
  reactionBackoffMsMax: 2_000,
  /** Workflows of its own that a client of this process waits for before it reads. */
  ownWorkflowsMax: 1_000,
  /** How long it waits for them at most. */
  ownWorkflowsWaitMs: 1_000,
  /** Deadline of one handler call. */
  handlerTimeoutMs: 30_000,
  /** How long claims of clients are kept. */
  claimRetentionMs: 604_800_000,
  /** How often claims that protect nothing any more are forgotten. */
  claimPruningMs: 3_600_000,
  /** How long a lease lives without being renewed. */
  leaseMs: 15_000,
  /** How often a lease is renewed. */
  leaseRenewalMs: 5_000,
  /** How often progress that nothing else writes down is written down. */
  progressFlushMs: 250,
} as const

/** The bounds; frozen. */
export const limits: typeof bounds = Object.freeze(bounds)

/** A bound by name. */
export type LimitName = keyof typeof limits

// A page must fit its message, a group a full book, and a decision must be redoable from memory.
assert(limits.payloadBytesMax < limits.bytesPerGroupMax)
assert(limits.payloadBytesMax * 2 < limits.grpcMessageBytesMax)
assert(limits.writesPerGroupMax <= limits.ledgerQueueMax)
assert(limits.walBytesPerCheckpoint < limits.walBytesMax)
assert(limits.mailboxLengthMax <= limits.ledgerQueueMax)
assert(limits.pagesPerBookMax <= limits.eventsPerReadMax)
assert(limits.eventsPerProjectionMax <= limits.triggersPerComponentMax)
assert(limits.triggersPerComponentMax <= limits.recentEventsMax)
assert(limits.triggersPerComponentMax <= limits.positionsAheadMax)
assert(limits.reactionBackoffMsMin < limits.reactionBackoffMsMax)
// A lease must survive two lost renewals.
assert(limits.leaseRenewalMs * 3 <= limits.leaseMs)
assert(limits.claimPruningMs < limits.claimRetentionMs)
assert(limits.correlationIdLengthMax <= limits.idempotencyKeyLengthMax)
