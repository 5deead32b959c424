/** The read models kept in the ledger: reading them, and building them anew. */
import { create } from '@bufbuild/protobuf'
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import { codedError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { ProgressSchema } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { allRows } from './all-rows.ts'
import type { ProjectionReader } from './coordinator.ts'
import type { Journal } from './journal.ts'
import type { ComponentPlan, Scheduler } from './scheduler.ts'
import { GENERATIONS, generationName, PARKED, PROGRESS, projectionSpace } from './spaces.ts'

const generations = messageCodec(ProgressSchema)

/** How to run a generation of one projector. */
export type GenerationPlan = (generation: number) => ComponentPlan

/** See the top of this file. */
export class Projections {
  readonly #ledger: Ledger
  readonly #journal: Journal
  readonly #current = new Map<string, number>()

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

  /** Builds the next generation beside the current one, then swaps and removes the old rows. */
  async rebuild(name: string, scheduler: Scheduler, planOf: GenerationPlan): Promise<void> {
    const old = this.generation(name)
    const made = old + 1
    await scheduler.add(planOf(made))
    const component = scheduler.component(generationName(name, made))
    while (!component.settled) await scheduler.settled()
    const low = BigInt(made)
    const value = generations.encode(create(ProgressSchema, { low }))
    await this.#journal.commit({
      rows: [{ kind: 'put', space: GENERATIONS, key: name, value, expected: 'any' }],
    })
    this.#current.set(name, made)
    await scheduler.remove(generationName(name, old))
    await this.#forget(name, old)
  }

  async #forget(name: string, generation: number): Promise<void> {
    const checkpoint = generationName(name, generation)
    const parked: string[] = []
    for await (const { key } of allRows(this.#ledger, PARKED, `${checkpoint}/`)) parked.push(key)
    await this.#journal.commit({
      deletions: [{ kind: 'space', space: projectionSpace(name, generation) }],
      rows: [
        { kind: 'remove', space: PROGRESS, key: checkpoint, expected: 'any' },
        ...parked.map((key) => ({ kind: 'remove', space: PARKED, key, expected: 'any' }) as const),
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
