/** Snapshots and how long they live. */
import { strict as assert } from 'node:assert'
import type { Retention, StreamKey } from '../../ledger/ledger.ts'
import {
  append,
  bytes,
  collect,
  type ContractPart,
  fact,
  freshKey,
  type Kit,
  rejectsWith,
  text,
} from './kit.ts'

/** A stream with events 0 to 99. */
async function longStream({ store }: Kit, domain = 'order'): Promise<StreamKey> {
  const key = freshKey(domain)
  await store({ appends: [append(key, 0, ...Array.from({ length: 100 }, (_, i) => `${i}`))] })
  return key
}

function snapshotWriter(kit: Kit, key: StreamKey) {
  return async (sequence: number, retention: Retention): Promise<void> => {
    const state = bytes(`state at ${sequence}`)
    const createdAt = kit.clock.wall()
    await kit.store({ snapshots: [{ key, sequence, state, retention, createdAt }] })
  }
}

/** Which of some sequences have a snapshot. */
async function present(kit: Kit, key: StreamKey, ...sequences: number[]): Promise<number[]> {
  const found: number[] = []
  for (const sequence of sequences) {
    if ((await kit.ledger.snapshot(key, sequence))?.sequence === sequence) found.push(sequence)
  }
  return found
}

/** Snapshots: reading, retention, and one commit with what they are about. */
export const snapshots: ContractPart = [
  fact('a snapshot comes back as it was stored', async (kit) => {
    const key = await longStream(kit)
    assert.equal(await kit.ledger.snapshot(key), undefined)
    await snapshotWriter(kit, key)(20, 'persist')
    const found = await kit.ledger.snapshot(key)
    assert.deepEqual(
      { ...found, state: text(found?.state ?? bytes('')) },
      {
        key,
        sequence: 20,
        state: 'state at 20',
        retention: 'persist',
        createdAt: kit.clock.wall(),
      },
    )
    assert.equal(await kit.ledger.snapshot(freshKey()), undefined)
  }),

  fact('a newer snapshot removes a transient one [coordinator-C-0450]', async (kit) => {
    const key = await longStream(kit)
    const write = snapshotWriter(kit, key)
    await write(20, 'transient')
    await write(40, 'default')
    assert.deepEqual(await present(kit, key, 20, 40), [40])
  }),

  fact('newer snapshots leave a persisted one [coordinator-C-0451]', async (kit) => {
    const key = await longStream(kit)
    const write = snapshotWriter(kit, key)
    await write(20, 'persist')
    await write(40, 'default')
    await write(60, 'default')
    assert.deepEqual(await present(kit, key, 20, 40, 60), [20, 60])
  }),

  fact(
    'a newer snapshot removes a default one at any sequence [coordinator-C-0452]',
    async (kit) => {
      for (const sequence of [15, 20, 47]) {
        const key = await longStream(kit)
        const write = snapshotWriter(kit, key)
        await write(sequence, 'default')
        await write(90, 'default')
        assert.deepEqual(await present(kit, key, sequence, 90), [90])
      }
    },
  ),

  fact(
    'a transient snapshot stays while nothing newer is there [coordinator-C-0453]',
    async (kit) => {
      const key = await longStream(kit)
      await snapshotWriter(kit, key)(20, 'transient')
      assert.deepEqual(await present(kit, key, 20), [20])
    },
  ),

  fact(
    'the newest snapshot and the events behind it are what is loaded [coordinator-C-0456]',
    async (kit) => {
      const key = await longStream(kit)
      const write = snapshotWriter(kit, key)
      await write(20, 'persist')
      await write(60, 'transient')
      const newest = await kit.ledger.snapshot(key)
      assert.equal(newest?.sequence, 60)
      const rest = await collect(kit.ledger.stream(key, { from: newest.sequence + 1 }))
      assert.deepEqual([rest.length, rest[0]?.sequence, rest.at(-1)?.sequence], [39, 61, 99])
    },
  ),

  fact('retention looks at one stream only [coordinator-C-0457]', async (kit) => {
    const [one, two] = [await longStream(kit), await longStream(kit)]
    await snapshotWriter(kit, one)(20, 'transient')
    await snapshotWriter(kit, two)(10, 'transient')
    await snapshotWriter(kit, one)(40, 'default')
    assert.deepEqual(await present(kit, one, 20, 40), [40])
    assert.deepEqual(await present(kit, two, 10), [10])
  }),

  fact('the newest at or before a sequence is found', async (kit) => {
    const key = await longStream(kit)
    const write = snapshotWriter(kit, key)
    for (const sequence of [10, 20, 30]) await write(sequence, 'persist')
    const at = async (sequence: number): Promise<number | undefined> =>
      (await kit.ledger.snapshot(key, sequence))?.sequence
    assert.deepEqual(
      [await at(9), await at(10), await at(25), await at(99)],
      [undefined, 10, 20, 30],
    )
  }),

  fact('a late snapshot never removes the newest', async (kit) => {
    const key = await longStream(kit)
    const write = snapshotWriter(kit, key)
    await write(60, 'transient')
    await write(20, 'default')
    await write(30, 'persist')
    assert.deepEqual(await present(kit, key, 20, 30, 60), [30, 60])
  }),

  fact('a snapshot at the same sequence is replaced', async (kit) => {
    const key = await longStream(kit)
    await snapshotWriter(kit, key)(20, 'default')
    const createdAt = kit.clock.wall()
    const state = bytes('anew')
    await kit.store({
      snapshots: [{ key, sequence: 20, state, retention: 'persist', createdAt }],
    })
    const found = await kit.ledger.snapshot(key)
    assert.deepEqual(found, { key, sequence: 20, state, retention: 'persist', createdAt })
  }),

  fact('a snapshot and its pruning share the commit of its events [weakness-27]', async (kit) => {
    const key = await longStream(kit)
    await snapshotWriter(kit, key)(99, 'default')
    const snapshot = {
      key,
      sequence: 100,
      state: bytes('s'),
      retention: 'default',
      createdAt: kit.clock.wall(),
    } as const
    const refused = await kit.commit({ appends: [append(key, 50, 'x')], snapshots: [snapshot] })
    assert.equal(refused.kind, 'conflict')
    assert.deepEqual(await present(kit, key, 99, 100), [99])
    await kit.store({ appends: [append(key, 100, 'x')], snapshots: [snapshot] })
    assert.deepEqual(await present(kit, key, 99, 100), [100])
  }),

  fact('a snapshot ahead of its stream is refused', async (kit) => {
    const key = await longStream(kit)
    const ahead = { key, sequence: 100, state: bytes('s'), createdAt: 1n } as const
    const write = { snapshots: [{ ...ahead, retention: 'default' }] } as const
    await rejectsWith(kit.commit(write), 'LEDGER_WRITE_INVALID')
    assert.equal(await kit.ledger.snapshot(key), undefined)
  }),
]
