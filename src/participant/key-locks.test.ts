import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KeyLocks } from './key-locks.ts'

function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { open: resolve, opened: promise }
}

describe('KeyLocks', () => {
  test('lets one at a time hold a key, in the order of asking', async () => {
    const locks = new KeyLocks()
    const log: string[] = []
    const first = gate()
    const all = ['a', 'b', 'c'].map((name) =>
      locks.run(['k'], async () => {
        log.push(`${name} begins`)
        if (name === 'a') await first.opened
        log.push(`${name} ends`)
        return name
      }),
    )
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(log, ['a begins'])
    first.open()
    assert.deepEqual(await Promise.all(all), ['a', 'b', 'c'])
    assert.deepEqual(log, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  })

  test('does not hold up those who want other keys', async () => {
    const locks = new KeyLocks()
    const held = gate()
    const first = locks.run(['a'], () => held.opened)
    assert.equal(await locks.run(['b'], async () => 'done'), 'done')
    held.open()
    await first
  })

  test('lets go of a key when the work fails', async () => {
    const locks = new KeyLocks()
    await assert.rejects(
      locks.run(['a', 'b'], async () => {
        throw new Error('failed')
      }),
    )
    assert.equal(await locks.run(['b', 'a'], async () => 'done'), 'done')
  })

  test('whoever wants several keys in whatever order gets them', async () => {
    const locks = new KeyLocks()
    let done = 0
    const work = async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve))
      done++
    }
    await Promise.all([
      locks.run(['a', 'b'], work),
      locks.run(['b', 'a'], work),
      locks.run(['b', 'c'], work),
      locks.run(['c', 'a'], work),
      locks.run(['a', 'a'], work),
    ])
    assert.equal(done, 5)
  })
})
