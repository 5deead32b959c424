import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { proveRemoteKills } from '../prove/remote-kills.ts'
import { lastLine, objectIn, runProgram, scratchFolder, UNDER_WAY } from './run-program.ts'
import { gone, runRemote } from './run-remote.ts'

/** With little stock most orders fail soon: a short run in which everything occurs all the same. */
const SHORT = ['--json', '--stock-factor', '0.5', '--concurrency', '64', '--database']

describe('the order book against amends serve, its components in a second process', () => {
  test('comes to the same books as in one process, however they are continued', async () => {
    await using folder = await scratchFolder()
    const args = ['--json', '--stock-factor', '0', '--concurrency', '64', '--database']
    const remote = [...args, join(folder.path, 'remote.db')]
    const { code, stdout, stderr, started } = await runRemote(remote)
    assert.equal(code, 0, stderr)
    assert.deepEqual(started.map(({ name }) => name).toSorted(), ['amends serve', 'components'])
    await gone(started)
    const here = lastLine((await runProgram([...args, join(folder.path, 'here.db')])).stdout)
    const there = lastLine(stdout)
    assert.equal(there?.['remote'], true)
    assert.deepEqual(objectIn(there, 'audit'), { clean: true, complete: true, findings: [] })
    const continued = lastLine((await runProgram([...remote, '--continue'])).stdout)
    for (const field of ['events', 'confirmed', 'amended', 'compensations', 'settings', 'audit']) {
      assert.deepEqual(there[field], here?.[field], field)
      assert.deepEqual(continued?.[field], here?.[field], field)
    }
  })

  test('Ctrl-C lets what has begun end, drains all three, and --continue finishes the rest', async () => {
    await using folder = await scratchFolder()
    const args = [...SHORT, join(folder.path, 'books.db'), '--remote']
    const interruption = { signal: 'SIGINT', atText: UNDER_WAY } as const
    const { code, stdout, stderr } = await runProgram([...args, '--rate', '50'], interruption)
    assert.equal(code, 130, stderr)
    const json = lastLine(stdout)
    assert.ok(Number(json?.['placed']) > 0 && Number(json?.['placed']) < 830)
    assert.deepEqual(objectIn(json, 'audit'), { clean: true, complete: false, findings: [] })
    const pids = [...stderr.matchAll(/^(.+) is process (\d+)$/gm)]
    await gone(pids.map(([, name = '', pid]) => ({ name, pid: Number(pid) })))
    const last = await runProgram([...args, '--continue'])
    assert.equal(last.code, 0, last.stderr)
    assert.equal(lastLine(last.stdout)?.['placed'], 830)
  })

  test('three runs end with clean books, of which one process each is killed', async (t) => {
    const report = (line: string): void => t.diagnostic(line)
    const args = SHORT.slice(1, -1)
    const { counts, findings } = await proveRemoteKills({ runs: 3, seed: 20120704, report, args })
    assert.deepEqual(findings, [])
    assert.deepEqual([counts.serve, counts.components, counts.driver, counts.clean], [1, 1, 1, 3])
    assert.ok(counts.killedAgain > 0)
  })
})
