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
export type { DeadLetter, DeadLetterFilter, DeadLetters } from './dead-letters.ts'
