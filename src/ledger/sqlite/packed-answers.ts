/**
 * What the writer answers for a group, as it crosses back: the common answers as one array of
 * numbers, the others beside it.
 */
import type { Nanoseconds } from '../../clock.ts'
import { type CodedError, codedError, type ErrorCode, type ErrorDetails } from '../../errors.ts'

/** An error as plain data. */
export type PackedError = {
  readonly code: ErrorCode
  readonly details: ErrorDetails
  readonly hint: string
  readonly reason: string
}

/**
 * What became of one write. The common case is a bare array: the number of the commit, then the
 * first position of each append.
 */
export type Answer = readonly number[] | SpecialAnswer

/** What became of a write that was not plainly stored. */
export type SpecialAnswer =
  /** A write of this id is stored already, by this commit. */
  | { readonly kind: 'stored'; readonly number: number }
  /** The claim at this index is held by a commit. */
  | { readonly kind: 'duplicate'; readonly index: number; readonly number: number }
  /** What stands at this index of the write's list does not hold. -1 stands for 'absent'. */
  | {
      readonly kind: 'conflict'
      readonly source: 'condition' | 'append' | 'row'
      readonly index: number
      readonly actual: number
    }
  | { readonly kind: 'failed'; readonly error: PackedError }

/** Answers of writes that shared a transaction, in their order. */
export type Answers = {
  readonly recordedAt: Nanoseconds
  readonly answers: readonly Answer[]
}

/** The same, packed. */
export type AnswerBatch = {
  readonly recordedAt: Nanoseconds
  /** The bare answers one behind the other; a special one is a single `SPECIAL`. */
  readonly numbers: readonly number[] | Float64Array<ArrayBuffer>
  readonly specials: readonly SpecialAnswer[]
}

/** The answers for a group; one batch unless something went wrong. */
export type PackedAnswers = readonly AnswerBatch[]

const SPECIAL = -1
const PLAIN_NUMBERS_MAX = 64

/** True for the answer of a write that was stored, or of a check that holds. */
export function isBare(answer: Answer): answer is readonly number[] {
  return Array.isArray(answer)
}

/** Packs the answers of a transaction. */
export function packAnswers({ recordedAt, answers }: Answers): AnswerBatch {
  const numbers: number[] = []
  const specials: SpecialAnswer[] = []
  for (const answer of answers) {
    if (isBare(answer)) {
      for (const number of answer) numbers.push(number)
    } else {
      numbers.push(SPECIAL)
      specials.push(answer)
    }
  }
  // A long array crosses faster as a typed one, a short one as it is.
  const isLong = numbers.length > PLAIN_NUMBERS_MAX
  return { recordedAt, numbers: isLong ? new Float64Array(numbers) : numbers, specials }
}

/** Reads the answers of a batch in their order. */
export class AnswerReader {
  readonly recordedAt: Nanoseconds
  readonly #batch: AnswerBatch
  #number = 0
  #special = 0

  constructor(batch: AnswerBatch) {
    this.recordedAt = batch.recordedAt
    this.#batch = batch
  }

  /** True when all answers were read. */
  get done(): boolean {
    return this.#number >= this.#batch.numbers.length
  }

  /** The answer of the next write, which has so many appends. */
  next(appends: number): Answer {
    const { numbers, specials } = this.#batch
    const special = numbers[this.#number] === SPECIAL ? specials[this.#special] : undefined
    if (special !== undefined) {
      this.#number++
      this.#special++
      return special
    }
    const answer: number[] = []
    for (let i = 0; i <= appends; i++) answer.push(numbers[this.#number++] ?? 0)
    return answer
  }
}

/** Makes plain data of an error. */
export function packError(error: CodedError): PackedError {
  const { code, details, hint, message, cause } = error
  const reason = cause instanceof Error ? cause.message : message
  // Every error that gets here was made from the table.
  return { code: code as ErrorCode, details, hint, reason }
}

/** Makes an error of plain data. */
export function unpackError(packed: PackedError): CodedError {
  const { code, details, hint, reason } = packed
  return codedError(code, { details, hint, cause: new Error(reason) })
}
