/** `amends/coordinator`: the embedded engine. */
export { openCoordinator } from './open-coordinator.ts'
export type {
  ComponentOptions,
  ComponentStatus,
  Coordinator,
  CoordinatorOptions,
  LogLevel,
  LogSink,
  ProjectionReader,
  StartPosition,
} from './coordinator.ts'
export type {
  CoordinatorServices,
  StreamedEvent,
  SubscribeOptions,
  SynchronizedBook,
} from './coordinator-services.ts'
export type { Cascades } from './cascades.ts'
export { SequenceMismatchError } from './sequence-mismatch.ts'
export type { SequenceMismatchCode } from './sequence-mismatch.ts'
export type { Escalation, EscalationSender } from './escalation.ts'
export type { EditionDeletion } from './edition-deletion.ts'
export type { DeadLetter, DeadLetterFilter, DeadLetters, DeadLetterReason } from './dead-letters.ts'
