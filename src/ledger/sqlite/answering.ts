/** Turns the writer's answers into outcomes. What an answer only names is read from the ledger. */
import type { Nanoseconds } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import type { Append, Committed, Condition, Outcome, Write } from '../ledger.ts'
import type { Answering } from './commit-queue.ts'
import { type Answer, isBare, type SpecialAnswer, unpackError } from './packed-answers.ts'
import { VERSION_ABSENT, VERSION_ANY } from './packed-group.ts'
import type { CommitReader } from './reader/commit-reader.ts'

/** Answers writes with the help of the reading side. */
export function answering(commits: CommitReader, decided: (writes: number) => void): Answering {
  return {
    decided,
    outcome: (write, answer, recordedAt) => outcomeOf(write, { answer, recordedAt }, commits),
    afterLoss: (write, why) => afterLoss(write, why, commits),
  }
}

type Answered = { readonly answer: Answer; readonly recordedAt: Nanoseconds }

function outcomeOf(write: Write, answered: Answered, commits: CommitReader): Outcome {
  const { answer, recordedAt } = answered
  if (isBare(answer)) return committed(write, answer, recordedAt)
  switch (answer.kind) {
    case 'stored':
      return stored(commits, answer.number)
    case 'duplicate':
      return {
        kind: 'duplicate',
        claim: at(write.claims, answer.index),
        first: stored(commits, answer.number),
      }
    case 'conflict':
      return { kind: 'conflict', on: conflictOn(write, answer), actual: version(answer.actual) }
    case 'failed':
      throw unpackError(answer.error)
    default:
      return answer satisfies never
  }
}

function committed(write: Write, answer: readonly number[], recordedAt: Nanoseconds): Committed {
  const [number = 0, ...positions] = answer
  const appends = (write.appends ?? []).map((append: Append, index) => ({
    key: append.key,
    from: append.at,
    count: append.events.length,
    position: positions[index] ?? 0,
  }))
  return { kind: 'committed', id: write.id, number, recordedAt, appends }
}

function stored(commits: CommitReader, number: number): Committed {
  const found = commits.byNumber(number)
  if (found === undefined) throw codedError('LEDGER_CORRUPT', { details: { commit: number } })
  return found
}

function conflictOn(write: Write, answer: SpecialAnswer & { kind: 'conflict' }): Condition {
  switch (answer.source) {
    case 'condition':
      return at(write.conditions, answer.index)
    case 'append': {
      const append = at(write.appends, answer.index)
      return { kind: 'stream', key: append.key, next: append.at }
    }
    case 'row': {
      const { space, key, expected } = at(write.rows, answer.index)
      // A row whatever its version is in no conflict.
      return { kind: 'row', space, key, version: expected === 'any' ? VERSION_ANY : expected }
    }
    default:
      return answer.source satisfies never
  }
}

function version(actual: number): number | 'absent' {
  return actual === VERSION_ABSENT ? 'absent' : actual
}

/** The writer points into the lists of the write it was given. */
function at<T>(list: readonly T[] | undefined, index: number): T {
  const item = list?.[index]
  if (item === undefined) throw codedError('LEDGER_CORRUPT', { details: { index } })
  return item
}

/** The writer is gone. What it had committed by then is in the file. */
function afterLoss(write: Write, why: unknown, commits: CommitReader): Outcome {
  let found: Committed | undefined
  try {
    found = commits.find(write.id)
  } catch {
    throw codedError('COMMIT_OUTCOME_UNKNOWN', { cause: why, details: { write: write.id } })
  }
  if (found !== undefined) return found
  throw codedError('LEDGER_WRITE_FAILED', {
    cause: why,
    details: { write: write.id },
    hint: 'The thread of the ledger has ended. Open the ledger again.',
  })
}
