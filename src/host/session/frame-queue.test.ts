import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { limits } from '../../limits.ts'
import { FrameQueue } from './frame-queue.ts'

async function read<T>(queue: FrameQueue<T>): Promise<readonly T[]> {
  const frames: T[] = []
  for await (const frame of queue) frames.push(frame)
  return frames
}

describe('FrameQueue', () => {
  it('hands frames on in order, those that came before its reader and those that come later', async () => {
    const queue = new FrameQueue<number>()
    queue.push(1)
    queue.push(2)
    const reading = read(queue)
    await new Promise((resolve) => setImmediate(resolve))
    queue.push(3)
    await new Promise((resolve) => setImmediate(resolve))
    queue.push(4)
    queue.end()
    assert.deepEqual(await reading, [1, 2, 3, 4])
  })

  it('takes nothing in after its end, and lets out what is in it', async () => {
    const queue = new FrameQueue<number>()
    assert.equal(queue.push(1), true)
    queue.end()
    assert.equal(queue.push(2), false)
    assert.deepEqual(await read(queue), [1])
  })

  it('takes frames while it is being read', async () => {
    const queue = new FrameQueue<number>()
    queue.push(0)
    const frames: number[] = []
    for await (const frame of queue) {
      frames.push(frame)
      if (frame < 3) queue.push(frame + 1)
      else queue.end()
    }
    assert.deepEqual(frames, [0, 1, 2, 3])
  })

  it('hands frames that are ready together on as one, and one that is alone as it is', async () => {
    const queue = new FrameQueue<string>({ join: (frames) => frames.join('+'), bytesOf: () => 1 })
    const reading = read(queue)
    await turn()
    queue.push('a')
    queue.push('b')
    queue.push('c')
    await turn()
    queue.push('d')
    queue.end()
    assert.deepEqual(await reading, ['a+b+c', 'd'])
  })

  it('makes no bundle larger than its bound, but for a frame that is', async () => {
    const half = limits.bundleBytesMax / 2
    const sizes = [half, half, 1, half * 3, 1, 1]
    const queue = new FrameQueue<readonly number[]>({
      join: (frames) => frames.flat(),
      bytesOf: ([bytes = 0]) => bytes,
    })
    for (const bytes of sizes) queue.push([bytes])
    queue.end()
    assert.deepEqual(await read(queue), [[half, half], [1], [half * 3], [1, 1]])
  })
})

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
