/** The read models kept in the ledger: reading them, and building them anew. */
import { create } from '@bufbuild/protobuf'
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import { codedError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { ProgressSchema } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { allRows } from './all-rows.ts'
import type { ProjectionReader } from './coordinator.ts'
import { removeDeadLetter } from './dead-letter-rows.ts'
import type { Journal } from './journal.ts'
import { parkedKeysOf, unpark } from './parked-keys.ts'
import type { ComponentPlan, Scheduler } from './scheduler.ts'
import { GENERATIONS, generationName, PROGRESS, projectionSpace } from './spaces.ts'

const generations = messageCodec(ProgressSchema)

/** How to run a generation of one projector. */
export type GenerationPlan = (generation: number) => ComponentPlan

/** See the top of this file. */
export class Projections {
  readonly #ledger: Ledger
  readonly #journal: Journal
  readonly #current = new Map<string, number>()
  readonly #rebuilding = new Map<string, Promise<void>>()

  constructor(ledger: Ledger, journal: Journal) {
    this.#ledger = ledger
    this.#journal = journal
  }

  /** Learns which generation of each projector is the current one. */
  async open(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const row = await this.#ledger.row(GENERATIONS, name)
      this.#current.set(name, row === undefined ? 1 : Number(generations.decode(row.value).low))
    }
  }

  /** The current generation. @throws CodedError `COMPONENT_UNKNOWN` */
  generation(name: string): number {
    const generation = this.#current.get(name)
    if (generation !== undefined) return generation
    throw codedError('COMPONENT_UNKNOWN', { details: { component: name } })
  }

  /** Reads the rows of the current generation. */
  reader(name: string): ProjectionReader {
    this.generation(name)
    const ledger = this.#ledger
    const space = (): string => projectionSpace(name, this.generation(name))
    return {
      get: async <S extends DescMessage>(schema: S, key: string) => {
        const row = await ledger.row(space(), key)
        return row === undefined ? undefined : messageCodec(schema).decode(row.value)
      },
      all: <S extends DescMessage>(schema: S) => rowsOf(ledger, space(), schema),
    }
  }

  /**
   * Builds the next generation beside the current one, then swaps and removes the old rows. What
   * cannot be built to its end leaves the current one as it is.
   *
   * @throws CodedError what keeps the new generation from catching up
   */
  rebuild(name: string, scheduler: Scheduler, planOf: GenerationPlan): Promise<void> {
    const underWay = this.#rebuilding.get(name)
    if (underWay !== undefined) return underWay
    const rebuilt = this.#rebuild(name, scheduler, planOf).finally(() => {
      this.#rebuilding.delete(name)
    })
    this.#rebuilding.set(name, rebuilt)
    return rebuilt
  }

  async #rebuild(name: string, scheduler: Scheduler, planOf: GenerationPlan): Promise<void> {
    const old = this.generation(name)
    const made = old + 1
    // A process that died while it rebuilt may have run other code.
    await this.#forget(name, made)
    try {
      await scheduler.add(planOf(made), true)
      await scheduler.caughtUp(generationName(name, made))
      await this.#swap(name, made)
    } catch (error) {
      await scheduler.remove(generationName(name, made))
      // The next attempt forgets it, if it cannot be forgotten now.
      await this.#forget(name, made).catch(() => undefined)
      throw error
    }
    await scheduler.remove(generationName(name, old))
    await this.#forget(name, old)
  }

  async #swap(name: string, generation: number): Promise<void> {
    const value = generations.encode(create(ProgressSchema, { low: BigInt(generation) }))
    await this.#journal.commit({
      rows: [{ kind: 'put', space: GENERATIONS, key: name, value, expected: 'any' }],
    })
    this.#current.set(name, generation)
  }

  /** Removes the rows of a generation that is not the current one, and what waited in it. */
  async #forget(name: string, generation: number): Promise<void> {
    const checkpoint = generationName(name, generation)
    const parked = await parkedKeysOf(this.#ledger, checkpoint)
    // An event that both generations fail on has one letter.
    const current = generationName(name, this.generation(name))
    const kept = await parkedKeysOf(this.#ledger, current)
    const letters = new Set(parked.map(({ deadLetter }) => deadLetter))
    for (const { deadLetter } of kept) letters.delete(deadLetter)
    await this.#journal.commit({
      deletions: [{ kind: 'space', space: projectionSpace(name, generation) }],
      rows: [
        { kind: 'remove', space: PROGRESS, key: checkpoint, expected: 'any' },
        ...parked.map(({ lane }) => unpark(checkpoint, lane)),
        ...[...letters].map(removeDeadLetter),
      ],
    })
  }
}

async function* rowsOf<S extends DescMessage>(
  ledger: Ledger,
  space: string,
  schema: S,
): AsyncGenerator<{ readonly key: string; readonly row: MessageShape<S> }> {
  const codec = messageCodec(schema)
  for await (const { key, value } of allRows(ledger, space)) {
    yield { key, row: codec.decode(value) }
  }
}
