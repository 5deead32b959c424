import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const TRIP = fileURLToPath(new URL('../../examples/readme/trip.js', import.meta.url))

test('the saga of the readme prints what it says, and the same when it is run again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amends-trip-'))
  try {
    const run = async (): Promise<string> => {
      return (await promisify(execFile)(process.execPath, [TRIP], { cwd: folder })).stdout
    }
    assert.equal(await run(), "cancelled LX-ada\n[ 'flights.cancel' ]\n")
    // The same id answers with the first execution: nothing is cancelled twice.
    assert.equal(await run(), "[ 'flights.cancel' ]\n")
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
