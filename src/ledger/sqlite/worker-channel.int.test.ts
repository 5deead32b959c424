import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { systemClock } from '../../clock.ts'
import { append, committed, keyNumber, rejectsWith } from '../../testing/ledger-contract/kit.ts'
import type { PackedGroup } from './packed-group.ts'
import { prepareFile } from './open-file.ts'
import { openReadSide } from './read-side.ts'
import { SharedCounters } from './shared-counters.ts'
import { sqliteLedger } from './sqlite-ledger.ts'
import { idMaker, temporaryFolder } from './temporary-ledger.test.support.ts'
import { startThread } from './worker-channel.ts'
import type { WriterChannel } from './writer-channel.ts'

const BUSY_MS = 1_000

async function openChannel(path: string): Promise<{
  channel: WriterChannel
  counters: SharedArrayBuffer
}> {
  prepareFile(path, { busyMs: BUSY_MS })
  const counters = SharedCounters.allocate()
  const channel = await startThread({ path, busyMs: BUSY_MS, pragmas: '', counters }).open()
  return { channel, counters }
}

/** Something that no packer makes, and on which the thread fails. */
function garbage(): PackedGroup {
  const plan: unknown = undefined
  return { writes: 1, plan: plan as PackedGroup['plan'], bytes: new Uint8Array(0), wall: 0n }
}

describe('the thread of the writer', () => {
  test('when it dies, writes that it had stored are found and the others have failed', async () => {
    using folder = temporaryFolder()
    const { channel, counters } = await openChannel(folder.path)
    let fails = false
    const dying: WriterChannel = {
      commitMs: 0,
      indexCorrelations: () => channel.indexCorrelations(),
      close: () => channel.close(),
      submit: async (group, isLone) => {
        const answers = await channel.submit(group, isLone)
        if (fails) await channel.submit(garbage(), false)
        return answers
      },
    }
    await using ledger = sqliteLedger({
      path: folder.path,
      clock: systemClock(),
      channel: dying,
      reads: openReadSide(folder.path, BUSY_MS),
      counters: new SharedCounters(counters),
      closed: () => undefined,
    })
    const newId = idMaker()
    committed(await ledger.commit({ id: newId(), appends: [append(keyNumber(1), 0, 'a')] }))
    fails = true
    const found = committed(
      await ledger.commit({ id: newId(), appends: [append(keyNumber(1), 1, 'b')] }),
    )
    assert.deepEqual(await ledger.find(found.id), found)
    const late = ledger.commit({ id: newId(), appends: [append(keyNumber(1), 2, 'c')] })
    await rejectsWith(late, 'LEDGER_WRITE_FAILED')
    assert.equal(await ledger.head(keyNumber(1)), 2)
  })

  test('does not keep a process alive that forgot to dispose its ledger', () => {
    using folder = temporaryFolder()
    const door = new URL('../open-ledger.js', import.meta.url).href
    const script = `
      const { openLedger } = await import(${JSON.stringify(door)})
      const ledger = await openLedger(${JSON.stringify(folder.path)})
      const key = { domain: 'order', edition: '', root: '00000000-0000-4000-8000-000000000001' }
      const events = [{ type: 't', page: new Uint8Array(1) }]
      const { kind } = await ledger.commit({ id: 'x', appends: [{ key, at: 0, events, correlationId: '' }] })
      process.stdout.write(kind)`
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    assert.equal(result.stderr, '')
    assert.deepEqual([result.status, result.stdout], [0, 'committed'])
  })

  test('says why it could not open its connection', async () => {
    using folder = temporaryFolder()
    const counters = SharedCounters.allocate()
    const settings = { path: `${folder.folder}/none/x.db`, busyMs: 10, pragmas: '', counters }
    await rejectsWith(startThread(settings).open(), 'LEDGER_OPEN_FAILED')
  })
})
