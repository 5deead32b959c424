/**
 * Every bound of the system, in one place, with the relations between them asserted below.
 * Sizes are bytes, durations milliseconds, unless the name says otherwise.
 */
import { invariant } from './invariant.ts'

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
  /** Bytes of an event that is stored in its page where payloads are kept in a folder. */
  payloadInlineBytesMax: 65_536,
  /** How long a payload that nobody refers to is kept. */
  payloadGraceMs: 86_400_000,
  /** The shortest such time: a commit must be able to come within it. */
  payloadGraceMsMin: 60_000,
  /** How often such payloads are looked for. */
  payloadSweepingMs: 3_600_000,
  /** Bytes of one value that a saga stores: its context, a step's output, a request's content. */
  valueBytesMax: 1_048_576,
  /** Records, arrays, sets and maps around a part of such a value. */
  valueDepthMax: 100,
  /** Pages of one command book, and events of one decision. */
  pagesPerBookMax: 100,
  /** Books that one run of a saga or process manager may emit. */
  outputsPerReactionMax: 100,
  /** Books one query answers with. */
  queryResultsMax: 1_000,
  /** Bytes of one gRPC message. */
  grpcMessageBytesMax: 10_485_760,
  /** Characters of the text, and of each detail, that a gRPC status carries. */
  grpcStatusTextMax: 1_024,
  /** Bytes of the details that a gRPC status carries; larger ones stay behind. */
  grpcStatusDetailsBytesMax: 4_096,
  /** Events of the current book that a refusal of a stale command brings along; none of more. */
  statusBookPagesMax: 32,
  /** Streams that one gRPC connection may have open. */
  grpcStreamsPerConnectionMax: 1_000,
  /** How long an idle gRPC connection waits before it is asked whether it is still there. */
  grpcKeepaliveMs: 30_000,
  /** How long the answer to that may take. */
  grpcKeepaliveTimeoutMs: 10_000,
  /** How long one attempt to connect may take. */
  connectTimeoutMs: 5_000,
  /** Calls that a component works on at a time in one session. */
  sessionCallsMax: 256,
  /** Calls that may wait for a component in one session. */
  sessionQueueMax: 10_000,
  /** Bytes of the frames that one message of a session brings at once. */
  bundleBytesMax: 65_536,
  /** How long calls under way have when a server shuts down. */
  shutdownGraceMs: 25_000,
  /** The last sequence of a stream (unsigned 32 bits, one kept free for "next"). */
  sequenceMax: 0xffff_fffe,
  /** Depth of a cascade of reactions. */
  cascadeDepthMax: 16,
  /** How long a request waits for what its command brings about, in SIMPLE and CASCADE. */
  syncWaitMs: 30_000,
  /** How long pages may be pending before they are revoked. */
  pendingTimeoutMs: 300_000,
  /** How often pages that are pending for too long are looked for. */
  pendingReapingMs: 60_000,
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
  /** Characters of an execution's id. */
  executionIdLengthMax: 256,
  /** How long a call to a service that speaks HTTP may take, its reply included. */
  httpTimeoutMs: 30_000,
  /** The longest wait that such a service may ask for with `Retry-After`. */
  httpRetryAfterMsMax: 10_000,
  /** Calls of one attempt, when the service asks to be called again later. */
  httpCallsPerAttemptMax: 3,
  /** How long a saga waits for the answer to a command before it asks again. */
  commandTimeoutMs: 60_000,
  /** Executions that are worked on at a time; more that start wait. */
  executionsInMemoryMax: 10_000,
  /** Executions that wait to start at most. */
  executionsWaitingMax: 100_000,
  /** Executions whose journals share one write at most. */
  executionsPerWriteMax: 64,
  /** Executions that are taken up at a time after a restart, and when they are due together. */
  executionsResumingMax: 256,
  /** How long an execution that waits stays in memory. */
  executionResidentMs: 1_000,
  /** Entries of one execution's journal at which it is cancelled. */
  executionEntriesMax: 10_000,
  /** Entries between two snapshots of an execution. */
  executionSnapshotEvery: 500,
  /** How long executions that are at work may go on when their manager is closed. */
  executionDrainMs: 10_000,
  /** Milliseconds for one attempt of an undo of a durable execution, unless its step says otherwise. */
  undoAttemptMs: 300_000,
  /** Ended executions that are deleted together. */
  executionsPerDeletionMax: 64,
  /** How often the runner of executions asks whether another process has written a request. */
  operatorPollMs: 200,
  /** How often it looks for requests whatever the ledger says. */
  operatorLookMs: 5_000,
  /** Requests of operators that one read brings. */
  operatorRequestsPerReadMax: 64,
  /** How long the answer to a request is kept. */
  operatorAnswersKeptMs: 604_800_000,
  /** Characters of an operator's reason, of its name, and of a path or a signal it names. */
  operatorTextLengthMax: 1_024,
  /** Series of one metric; what comes beyond them is counted together. */
  metricSeriesMax: 1_000,
  /** Checkpoints that one run of a workflow keeps. */
  checkpointsMax: 1_000,
  /** Characters of a label's value. */
  labelLengthMax: 128,
  /** Characters of a message's id, or of its ordering key. */
  messageIdLengthMax: 1_024,
  /** Characters of all headers of a message, names and values. */
  messageHeadersLengthMax: 32_768,
  /** Bytes of a message's content. */
  messageBytesMax: 2_097_152,
  /** Messages that may wait on one topic before senders wait. */
  messagesWaitingMax: 100_000,
  /** Bytes of contents that may wait on one topic before senders wait. */
  messagesWaitingBytesMax: 268_435_456,
  /** Senders that may wait for room on one topic. */
  sendersWaitingMax: 10_000,
  /** How long a sender waits for room. */
  sendWaitMs: 30_000,
  /** Messages that a consumer handles at a time. */
  consumerConcurrency: 64,
  /** Messages that a consumer fetches before it can handle them. */
  consumerPrefetch: 256,
  /** Deliveries of a message, the first included, before it is a dead letter. */
  deliveriesMax: 10,
  /** First pause before a message is delivered again. */
  redeliverMsMin: 10,
  /** Longest pause before a message is delivered again. */
  redeliverMsMax: 2_000,
  /** Dead letters kept for one topic before its failing messages wait. */
  deadLettersMax: 10_000,
  /** How long closing waits for handlers that run. */
  drainMs: 30_000,
  /** Answers that a participant remembers in memory. */
  repliesKeptMax: 100_000,
  /** How long a participant remembers an answer in memory. */
  repliesKeptMs: 86_400_000,
  /** How long a participant with a ledger remembers an answer. */
  repliesStoredMs: 604_800_000,
  /** How often a participant with a ledger forgets what is older. */
  repliesPruningMs: 60_000,
  /** Answers that are forgotten together. */
  repliesPerPruningMax: 256,
  /** Messages that a bus has given to its broker without having been told that it has them. */
  sendsInFlightMax: 2_048,
  /** Messages sent to a topic between two looks at how many wait there. */
  sendsPerLookMax: 1_000,
  /** Bytes of the headers of a message as the broker takes them, its id and key included. */
  amqpHeadersBytesMax: 57_344,
  /** How long opening a bus, and beginning to consume, wait for the broker. */
  brokerWaitMs: 30_000,
  /** First pause before a broker that was lost is called again. */
  reconnectMsMin: 50,
  /** Longest pause before a broker that was lost is called again. */
  reconnectMsMax: 2_000,
  /** How long callers and components that were asked to leave have when a coordinator ends. */
  partingMs: 2_000,
  /** Connections that a served coordinator holds on one address. */
  serverConnectionsMax: 1_000,
  /** Objects and arrays around a part of a JSON body. */
  jsonDepthMax: 100,
  /** Bytes of the request line and headers of one HTTP request. */
  httpHeaderBytesMax: 16_384,
  /** Bytes of bodies that an HTTP server holds while they arrive, all callers together. */
  httpBodyBytesTotalMax: 268_435_456,
  /** HTTP answers that are streams and open at a time. */
  httpStreamsMax: 1_000,
  /** HTTP requests under way on one connection. */
  httpRequestsPerConnectionMax: 32,
  /** How long the headers of an HTTP request may take. */
  httpHeadersMs: 10_000,
  /** How long a whole HTTP request may take to arrive. */
  httpRequestMs: 60_000,
  /** How long an HTTP connection stays open without a request. */
  httpIdleMs: 60_000,
  /** How long a reader of an HTTP answer may take none of it. */
  httpStallMs: 60_000,
  /** How long a stream is waited for before its answer begins, so that a refusal has a status. */
  httpStreamBeginMs: 100,
  /** How often a stream of server-sent events that says nothing shows that it is there. */
  httpBeatMs: 15_000,
  /** How long a call waits for a component that cannot be reached, all attempts together. */
  componentWaitMs: 5_000,
  /** First wait before a component is called again. */
  componentBackoffMsMin: 20,
  /** Longest wait before a component is called again. */
  componentBackoffMsMax: 1_000,
  /** Pages at which the history of a remote aggregate is folded by its component. */
  remotePagesPerFold: 256,
  /** Bytes of events at which it is folded, however few they are. */
  remoteBytesPerFold: 2_097_152,
  /** Pages that are sent to a remote upcaster in one call. */
  upcastPagesPerCall: 256,
  /** Bytes of events in one call; one larger event goes alone. */
  upcastBytesPerCall: 2_097_152,
} as const

/** The bounds; frozen. */
export const limits: typeof bounds = Object.freeze(bounds)

/** A bound by name. */
export type LimitName = keyof typeof limits

// A page must fit its message, a group a full book, and a decision must be redoable from memory.
invariant(limits.payloadBytesMax < limits.bytesPerGroupMax, 'payloadBytesMax < bytesPerGroupMax')
invariant(
  limits.payloadInlineBytesMax < limits.payloadBytesMax,
  'payloadInlineBytesMax < payloadBytesMax',
)
invariant(limits.payloadGraceMsMin < limits.payloadGraceMs, 'payloadGraceMsMin < payloadGraceMs')
invariant(
  limits.payloadBytesMax * 2 < limits.grpcMessageBytesMax,
  'payloadBytesMax * 2 < grpcMessageBytesMax',
)
invariant(
  limits.valueBytesMax * 2 < limits.bytesPerGroupMax,
  'valueBytesMax * 2 < bytesPerGroupMax',
)
invariant(limits.writesPerGroupMax <= limits.ledgerQueueMax, 'writesPerGroupMax <= ledgerQueueMax')
invariant(limits.walBytesPerCheckpoint < limits.walBytesMax, 'walBytesPerCheckpoint < walBytesMax')
invariant(limits.mailboxLengthMax <= limits.ledgerQueueMax, 'mailboxLengthMax <= ledgerQueueMax')
invariant(limits.pagesPerBookMax <= limits.eventsPerReadMax, 'pagesPerBookMax <= eventsPerReadMax')
invariant(
  limits.eventsPerProjectionMax <= limits.triggersPerComponentMax,
  'eventsPerProjectionMax <= triggersPerComponentMax',
)
invariant(
  limits.triggersPerComponentMax <= limits.recentEventsMax,
  'triggersPerComponentMax <= recentEventsMax',
)
invariant(
  limits.triggersPerComponentMax <= limits.positionsAheadMax,
  'triggersPerComponentMax <= positionsAheadMax',
)
invariant(
  limits.reactionBackoffMsMin < limits.reactionBackoffMsMax,
  'reactionBackoffMsMin < reactionBackoffMsMax',
)
// A lease must survive two lost renewals.
invariant(limits.leaseRenewalMs * 3 <= limits.leaseMs, 'leaseRenewalMs * 3 <= leaseMs')
invariant(limits.claimPruningMs < limits.claimRetentionMs, 'claimPruningMs < claimRetentionMs')
invariant(
  limits.executionsResumingMax <= limits.executionsInMemoryMax,
  'executionsResumingMax <= executionsInMemoryMax',
)
invariant(
  limits.executionsPerWriteMax <= limits.writesPerGroupMax,
  'executionsPerWriteMax <= writesPerGroupMax',
)
invariant(
  limits.executionSnapshotEvery < limits.executionEntriesMax,
  'executionSnapshotEvery < executionEntriesMax',
)
invariant(
  limits.correlationIdLengthMax <= limits.idempotencyKeyLengthMax,
  'correlationIdLengthMax <= idempotencyKeyLengthMax',
)
// Every value that is stored can travel.
invariant(limits.valueBytesMax <= limits.messageBytesMax, 'valueBytesMax <= messageBytesMax')
invariant(limits.redeliverMsMin < limits.redeliverMsMax, 'redeliverMsMin < redeliverMsMax')
invariant(limits.reconnectMsMin < limits.reconnectMsMax, 'reconnectMsMin < reconnectMsMax')
invariant(
  limits.componentBackoffMsMin < limits.componentBackoffMsMax,
  'componentBackoffMsMin < componentBackoffMsMax',
)
// A handler's deadline holds all attempts to reach its component.
invariant(limits.syncWaitMs < limits.commandTimeoutMs, 'syncWaitMs < commandTimeoutMs')
invariant(limits.componentWaitMs < limits.handlerTimeoutMs, 'componentWaitMs < handlerTimeoutMs')
// A history that is about to be folded must still fit its message.
invariant(
  limits.remoteBytesPerFold * 2 < limits.grpcMessageBytesMax,
  'remoteBytesPerFold * 2 < grpcMessageBytesMax',
)
