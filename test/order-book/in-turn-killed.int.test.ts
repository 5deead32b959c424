import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { lastLine, objectIn, runProgram, scratchFolder, UNDER_WAY } from './run-program.ts'

describe('orders in turn', () => {
  test('end as the sequential calculation says, killed in between or not', async () => {
    await using folder = await scratchFolder()
    const args = ['--json', '--concurrency', '1', '--database', join(folder.path, 'books.db')]
    const kill = { signal: 'SIGKILL', atText: UNDER_WAY } as const
    assert.equal((await runProgram(args, kill)).code, undefined)
    await runProgram([...args, '--continue'], kill)
    const { code, stdout, stderr } = await runProgram([...args, '--continue'])
    assert.equal(code, 0, stderr)
    assert.deepEqual(objectIn(lastLine(stdout), 'audit')['findings'], [])
  })
})
