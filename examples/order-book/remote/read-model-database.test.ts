import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type StockRow, StockRowSchema } from '../gen/views_pb.ts'
import { type Arrival, ReadModelDatabase } from './read-model-database.ts'

const adding = (stream: string, sequence: number, quantity = 1): Arrival => ({
  projector: 'stock',
  stream,
  sequence,
  take: (store) =>
    store.rows(StockRowSchema).update('1', (row) => {
      row.onHand += quantity
    }),
})

const onHand = (database: ReadModelDatabase): readonly number[] =>
  database.all('stock', StockRowSchema).map((row: StockRow) => row.onHand)

describe('ReadModelDatabase', () => {
  test('takes an event in once, however often it comes', async () => {
    using database = new ReadModelDatabase(':memory:')
    await Promise.all([0, 1, 1, 0].map((sequence) => database.take(adding('a', sequence))))
    await database.take(adding('a', 1))
    await database.take(adding('b', 0))
    assert.deepEqual(onHand(database), [3])
    assert.equal(database.events('stock'), 3)
  })

  test('changes nothing for an event whose handler fails, and takes it in later', async () => {
    using database = new ReadModelDatabase(':memory:')
    const failing: Arrival = {
      ...adding('a', 0),
      take: async (store) => {
        await adding('a', 0, 50).take(store)
        throw new Error('not today')
      },
    }
    const [failed, other] = await Promise.allSettled([
      database.take(failing),
      database.take(adding('b', 0)),
    ])
    assert.deepEqual([failed.status, other.status], ['rejected', 'fulfilled'])
    assert.deepEqual(onHand(database), [1])
    await database.take(adding('a', 0))
    assert.deepEqual(onHand(database), [2])
  })

  test('a try leaves nothing', async () => {
    using database = new ReadModelDatabase(':memory:')
    await database.take(adding('a', 0))
    await database.speculate('stock', adding('a', 1).take)
    assert.deepEqual(onHand(database), [1])
    assert.equal(database.events('stock'), 1)
  })

  test('rows are put, read and removed, each projector its own', async () => {
    using database = new ReadModelDatabase(':memory:')
    await database.take(adding('a', 0))
    await database.take({
      projector: 'other',
      stream: 'a',
      sequence: 0,
      take: async (store) => {
        const rows = store.rows(StockRowSchema)
        assert.equal(await rows.get('1'), undefined)
        await rows.update('1', (row) => void (row.product = 1))
        rows.delete('1')
        await rows.update('2', (row) => void (row.product = 2))
      },
    })
    const products = database.all('other', StockRowSchema).map(({ product }) => product)
    assert.deepEqual(products, [2])
    assert.deepEqual(onHand(database), [1])
  })
})
