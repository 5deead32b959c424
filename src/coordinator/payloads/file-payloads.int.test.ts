import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { codeOf } from '../../errors.ts'
import { systemRandom } from '../../identity.ts'
import type { PayloadReference } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts'
import {
  type FaultyFiles,
  faultyFiles,
  type FileFault,
  systemError,
} from './faulty-files.test.support.ts'
import { filePayloads } from './file-payloads.ts'
import { hexOf } from './payload-reference.ts'
import type { PayloadStore } from './payload-store.ts'

const DAY_MS = 86_400_000
const PAYLOAD = new TextEncoder().encode('a payload that is long enough to be torn')

type Kit = AsyncDisposable & {
  readonly folder: string
  readonly store: PayloadStore
  readonly files: FaultyFiles
  readonly clock: FakeClock
  names(): Promise<readonly string[]>
  /** Sweeps what is older than a day. */
  sweep(isNeeded?: (hash: string) => Promise<boolean>): Promise<number>
}

async function kit(): Promise<Kit> {
  const folder = await mkdtemp(join(tmpdir(), 'amends-payloads-'))
  const clock = fakeClock()
  const files = faultyFiles()
  const store = filePayloads({ folder, files, clock, random: systemRandom() })
  return {
    folder,
    store,
    files,
    clock,
    names: async () => (await readdir(folder)).sort(),
    sweep: (isNeeded = async () => false) => {
      const putBefore = clock.wall() - BigInt(DAY_MS) * 1_000_000n
      return store.sweep({ putBefore, isNeeded })
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

async function codeFrom(action: Promise<unknown>): Promise<string> {
  return await action.then(
    () => 'none',
    (error: unknown) => codeOf(error),
  )
}

/** How many operations one put takes. */
async function operationsOfPut(): Promise<number> {
  await using one = await kit()
  await one.store.put(PAYLOAD)
  return one.files.count()
}

async function referenceTo(payload: Uint8Array): Promise<PayloadReference> {
  await using other = await kit()
  return await other.store.put(payload)
}

describe('a payload in a folder', () => {
  test('is read as it was put, and put once however often', async () => {
    await using one = await kit()
    const [first, second] = await Promise.all([one.store.put(PAYLOAD), one.store.put(PAYLOAD)])
    const third = await one.store.put(PAYLOAD)
    assert.deepEqual(await one.names(), [`${hexOf(first.contentHash)}.bin`])
    for (const reference of [first, second, third]) {
      assert.deepEqual(new Uint8Array(await one.store.get(reference)), PAYLOAD)
    }
  })

  test('that was torn is mended when it is put again', async () => {
    await using one = await kit()
    const reference = await one.store.put(PAYLOAD)
    await writeFile(join(one.folder, `${hexOf(reference.contentHash)}.bin`), 'torn')
    assert.equal(await codeFrom(one.store.get(reference)), 'PAYLOAD_RETRIEVAL_FAILED')
    await one.store.put(PAYLOAD)
    assert.deepEqual(new Uint8Array(await one.store.get(reference)), PAYLOAD)
  })

  test('for which there is no room leaves nothing behind', async () => {
    for (const code of ['ENOSPC', 'EDQUOT']) {
      await using one = await kit()
      one.files.watch(async (nth) => one.files.failWith(nth === 2 ? systemError(code) : undefined))
      assert.equal(await codeFrom(one.store.put(PAYLOAD)), 'PAYLOAD_STORE_FULL')
      assert.deepEqual(await one.names(), [])
    }
  })

  for (const fault of ['before', 'after', 'torn'] as const) {
    for (const dead of [false, true]) {
      const how = dead ? 'the process dies' : 'the operation fails'
      test(`is whole or not there, and can be put again, wherever ${how}: ${fault}`, async () => {
        const operations = await operationsOfPut()
        assert.ok(operations >= 5)
        for (let nth = 1; nth <= operations; nth++) await putWithFault(nth, fault, dead)
      })
    }
  }
})

async function putWithFault(nth: number, fault: FileFault, dead: boolean): Promise<void> {
  await using one = await kit()
  one.files.failAt(nth, fault, dead)
  // The first operation dates the file if it is there: it is not, which is what it says.
  const harmless = nth === 1 && fault === 'after' && !dead
  const code = harmless ? 'none' : 'PAYLOAD_STORE_FAILED'
  assert.equal(await codeFrom(one.store.put(PAYLOAD)), code, `operation ${nth}`)
  one.files.heal()
  const reference = await referenceTo(PAYLOAD)
  const found = await one.store.get(reference).catch(() => undefined)
  if (found !== undefined) assert.deepEqual(new Uint8Array(found), PAYLOAD)
  await one.store.put(PAYLOAD)
  assert.deepEqual(new Uint8Array(await one.store.get(reference)), PAYLOAD)
  one.clock.advance(DAY_MS * 2)
  await one.sweep()
  assert.deepEqual(
    (await one.names()).filter((name) => !name.endsWith('.partial')),
    [],
  )
}

describe('sweeping', () => {
  test('takes what is old and not needed, and nothing else', async () => {
    await using one = await kit()
    const old = await one.store.put(PAYLOAD)
    const needed = await one.store.put(new Uint8Array([1, 2, 3]))
    await writeFile(join(one.folder, 'notes.txt'), 'mine')
    await writeFile(join(one.folder, 'deadbeef.bin'), 'not ours')
    one.clock.advance(DAY_MS + 1)
    const young = await one.store.put(new Uint8Array([4]))
    const neededHash = hexOf(needed.contentHash)
    assert.equal(await one.sweep(async (hash) => hash === neededHash), 1)
    assert.equal(await codeFrom(one.store.get(old)), 'PAYLOAD_RETRIEVAL_FAILED')
    assert.equal((await one.store.get(needed)).length, 3)
    assert.equal((await one.store.get(young)).length, 1)
    assert.ok((await one.names()).includes('notes.txt'))
    assert.ok((await one.names()).includes('deadbeef.bin'))
  })

  test('takes partial files that were left behind by a process that died', async () => {
    await using one = await kit()
    one.files.failAt(3, 'after', true)
    assert.equal(await codeFrom(one.store.put(PAYLOAD)), 'PAYLOAD_STORE_FAILED')
    one.files.heal()
    assert.match((await one.names())[0] ?? '', /\.partial$/)
    await one.sweep()
    assert.equal((await one.names()).length, 1)
    one.clock.advance(DAY_MS + 1)
    await one.sweep()
    assert.deepEqual(await one.names(), [])
  })

  test('never takes what is put while it is at work, whatever comes first', async () => {
    await using counted = await kit()
    await counted.store.put(PAYLOAD)
    counted.clock.advance(DAY_MS * 2)
    const before = counted.files.count()
    assert.equal(await counted.sweep(), 1)
    const steps = counted.files.count() - before
    assert.ok(steps >= 3)
    for (let at = 1; at <= steps; at++) {
      await using one = await kit()
      const reference = await one.store.put(PAYLOAD)
      one.clock.advance(DAY_MS * 2)
      const start = one.files.count()
      // Another process puts it, in the middle of the sweep.
      const random = systemRandom()
      const { folder, clock } = one
      const other = filePayloads({ folder, files: faultyFiles(), clock, random })
      one.files.watch(async (nth) => {
        if (nth === start + at) await other.put(PAYLOAD)
      })
      await one.sweep()
      one.files.heal()
      const found = await one.store.get(reference)
      assert.deepEqual(new Uint8Array(found), PAYLOAD, `put before step ${at}`)
    }
  })

  test('that dies at any step leaves what is needed readable', async () => {
    for (let at = 1; at <= 4; at++) {
      for (const fault of ['before', 'after'] as const) {
        await using one = await kit()
        const reference = await one.store.put(PAYLOAD)
        one.clock.advance(DAY_MS * 2)
        one.files.failAt(at, fault, true)
        // Not needed at first; its commit comes when the name is gone already.
        let asked = 0
        const isNeeded = async (): Promise<boolean> => ++asked > 1
        await one.sweep(isNeeded).catch(() => undefined)
        one.files.heal()
        assert.deepEqual(new Uint8Array(await one.store.get(reference)), PAYLOAD)
        await one.sweep(async () => true)
        assert.deepEqual(await one.names(), [`${hexOf(reference.contentHash)}.bin`])
      }
    }
  })
})
