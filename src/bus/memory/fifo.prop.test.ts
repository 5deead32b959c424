import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fifo } from './fifo.ts'

const step = fc.oneof(
  { weight: 5, arbitrary: fc.nat(2_000).map((count) => ({ kind: 'push', count }) as const) },
  { weight: 5, arbitrary: fc.nat(2_000).map((count) => ({ kind: 'shift', count }) as const) },
  { weight: 1, arbitrary: fc.nat(5).map((count) => ({ kind: 'unshift', count }) as const) },
  { weight: 1, arbitrary: fc.nat(50).map((at) => ({ kind: 'remove', at }) as const) },
)

test('a fifo does what an array does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const fifo = new Fifo<number>()
      const model: number[] = []
      let next = 0
      for (const one of steps) {
        switch (one.kind) {
          case 'push':
            for (let n = 0; n < one.count; n++, next++) {
              fifo.push(next)
              model.push(next)
            }
            break
          case 'shift':
            for (let n = 0; n < one.count; n++) assert.equal(fifo.shift(), model.shift())
            break
          case 'unshift': {
            const items = Array.from({ length: one.count }, () => next++)
            fifo.unshift(items)
            model.unshift(...items)
            break
          }
          case 'remove': {
            const item = model[one.at] ?? -1
            assert.equal(fifo.remove(item), model.includes(item))
            if (model.includes(item)) model.splice(model.indexOf(item), 1)
            break
          }
        }
        assert.equal(fifo.length, model.length)
      }
      assert.deepEqual(fifo.drain(), model)
      assert.equal(fifo.length, 0)
    }),
    { numRuns: 200 },
  )
})
