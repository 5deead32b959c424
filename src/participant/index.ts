/** `amends/participant`: services that answer requests of sagas. */
export {
  type OpenedParticipant,
  openParticipant,
  type OpenParticipantOptions,
  type ParticipantHealth,
} from './open-participant.ts'
export {
  type HostedParticipant,
  hostParticipant,
  type ParticipantOptions,
  type ParticipantProblem,
  type ParticipantStatus,
} from './host-participant.ts'
export type { Answer, AnswerStatus } from './answer.ts'
export { REFUSAL } from './answer.ts'
export {
  type IsolatingCoordinator,
  transactional,
  type TransactionalOptions,
  type TransactionalService,
} from './transactional.ts'
export {
  ledgerReplyStore,
  type LedgerReplyStore,
  type LedgerReplyStoreOptions,
} from './ledger-reply-store.ts'
export { memoryReplyStore, type MemoryReplyStoreOptions } from './memory-reply-store.ts'
export type { RecordChange, ReplyStore, RequestRecord, RequestWrites } from './reply-store.ts'
export { httpParticipant, type HttpParticipantOptions } from './http-participant.ts'
export type { HttpHeaders } from './http-headers.ts'
export type { HttpMethod, HttpRoute } from './http-route.ts'
export type { Awaitable } from '../awaitable.ts'
export type { RequestHandler, RequestInfo, UndoneInfo } from './request-handler.ts'
export type { RequestDirection } from './request-message.ts'
export { openAmqpBus, type AmqpBus } from '../bus/amqp/open-amqp-bus.ts'
export type { AmqpBusOptions, AmqpEvent } from '../bus/amqp/amqp-settings.ts'
export {
  openMemoryBus,
  type MemoryBus,
  type MemoryBusOptions,
} from '../bus/memory/open-memory-bus.ts'
export type {
  Bus,
  BusMessage,
  CloseOptions,
  ConsumeOptions,
  Delivery,
  GivenUp,
  MessageHandler,
  Subscription,
} from '../bus/bus.ts'
export { type UndeliveredMessage, deadLetterOf, deadLetterTopic } from '../bus/dead-letter.ts'
