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
export type { CoordinatorServices, SynchronizedBook } from './services.ts'
export type { Cascades } from './pending-cascades.ts'
export { SequenceMismatchError } from './sequence-mismatch.ts'
export type { SequenceMismatchCode } from './sequence-mismatch.ts'
export type { Escalation, EscalationSender } from './escalations.ts'
export type { EditionDeletion } from './delete-edition.ts'
export type { StreamedEvent, SubscribeOptions } from './event-stream.ts'
export type { DeadLetter, DeadLetterFilter, DeadLetters } from './dead-letters.ts'
