import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codeOf } from 'amends'
import { keepProcess } from '../../examples/order-book/remote/kept-process.ts'

const run = (program: string) => {
  const said: string[] = []
  const args = ['--input-type=module', '--eval', program]
  const kept = keepProcess({ name: 'one', args, say: (line) => said.push(line) })
  return { kept, said }
}

describe('a kept process', () => {
  test('that never becomes ready is given up, with what it said last', async () => {
    const { kept, said } = run('console.error("no luck"); process.exit(3)')
    await assert.rejects(kept.ready, (error: Error & { hint?: string }) => {
      assert.equal(codeOf(error), 'PROCESS_FAILED')
      assert.match(error.hint ?? '', /no luck/)
      return true
    })
    await assert.rejects(kept.failed)
    assert.equal(said.length, 1)
    await kept[Symbol.asyncDispose]()
  })

  test('is replaced when it ends, until it is asked to end', async () => {
    const { kept, said } = run(
      'console.log("ready"); setTimeout(() => {}, 60_000); process.once("SIGTERM", () => process.exit(0))',
    )
    await kept.ready
    const [pid] = /\d+$/.exec(said[0] ?? '') ?? []
    process.kill(Number(pid), 'SIGKILL')
    while (said.length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
    await kept[Symbol.asyncDispose]()
    assert.equal(said.length, 2)
  })
})
