/** A ledger at one look, listed, and read by programs. */
import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { amends, jsonLines, place, program, recordsIn } from './amends.ts'

test('status counts sagas by state, and says who runs them', async () => {
  using home = place()
  await using _running = await program(home.path, 'order:o', 'gift:g', 'gift:h', 'approval:a')
  const [status] = jsonLines((await amends('status', home.path, '--json')).out)
  const sagas = status?.['sagas'] as Readonly<Record<string, number>>
  assert.deepEqual([sagas['stuck'], sagas['completed'], sagas['compensated']], [1, 2, 0])
  assert.equal((sagas['running'] ?? 0) + (sagas['waiting'] ?? 0), 1)
  assert.equal(status?.['openItems'], 1)
  const [lease] = recordsIn(status?.['leases'])
  assert.deepEqual([lease?.['component'], lease?.['isHeld']], ['saga-runner', true])
  assert.match(String(lease?.['holder']), new RegExp(`^${hostname()}/\\d+$`))
  const { out } = await amends('status', home.path)
  assert.match(out, /^sagas +.*1 stuck, 2 completed$/m)
  assert.match(out, /^operator +1 item waits$/m)
  for (const line of out.split('\n')) assert.ok(line.length <= 100, line)
})

test('status says when the process that ran the sagas is gone', async () => {
  using home = place()
  await (await program(home.path, 'order:o')).kill()
  assert.match((await amends('status', home.path)).out, /saga-runner .+ its process is gone$/m)
  const [status] = jsonLines((await amends('status', home.path, '--json')).out)
  const [lease] = recordsIn(status?.['leases'])
  assert.equal(lease?.['isHeld'], false)
})

test('a list goes on where the page before ended', async () => {
  using home = place()
  const ids = ['a', 'b', 'c', 'd', 'e']
  {
    await using _running = await program(home.path, ...ids.map((id) => `gift:${id}`))
  }
  const seen: unknown[] = []
  for (let after: readonly string[] = []; ;) {
    const lines = jsonLines(
      (await amends('sagas', home.path, '--limit', '2', '--json', ...after)).out,
    )
    seen.push(...lines.flatMap(({ id }) => (id === undefined ? [] : [id])))
    const next = lines.at(-1)?.['next']
    if (typeof next !== 'string') break
    after = ['--after', next]
  }
  assert.deepEqual(seen, ids)
  const { out } = await amends('sagas', home.path, '--limit', '2', '--state', 'completed')
  const typed = /There are more: amends (.+)$/m.exec(out)?.[1]?.split(' ') ?? []
  assert.match((await amends(...typed)).out, /^c +completed/m)
})

test('a list keeps to state, definition and age', async () => {
  using home = place()
  await using _running = await program(home.path, 'order:o', 'gift:g', 'approval:a')
  const ids = async (...options: readonly string[]): Promise<readonly unknown[]> =>
    jsonLines((await amends('sagas', home.path, '--json', ...options)).out).map(({ id }) => id)
  assert.deepEqual(await ids('--state', 'stuck,completed'), ['o', 'g'])
  assert.deepEqual(await ids('--definition', 'approval'), ['a'])
  assert.deepEqual(await ids('--older-than', '1h'), [])
  assert.deepEqual((await ids('--older-than', '0')).length, 3)
  assert.deepEqual(await ids('--state', 'waived'), [])
  const none = await amends('sagas', home.path, '--state', 'waived')
  assert.deepEqual([none.code, none.out], [0, 'No execution is like that.\n'])
})

test('an execution is shown whole for programs, from its journal alone', async () => {
  using home = place()
  {
    await using _running = await program(home.path, 'order:o')
  }
  const shown = await amends('saga', home.path, 'o', '--json', '--timeline')
  const [saga] = jsonLines(shown.out)
  assert.deepEqual(
    [saga?.['state'], saga?.['forward'], saga?.['backward'], saga?.['input'], saga?.['context']],
    ['stuck', 'failed', 'stuck', { who: 'ada' }, { who: 'ada', stock: 's-1', charge: 'c-1' }],
  )
  const steps = recordsIn(saga?.['steps'])
  assert.deepEqual(
    steps.map(({ path, status, undo }) => [path, status, undo]),
    [
      ['stock', 'succeeded', 'done'],
      ['card', 'succeeded', 'stuck'],
      ['ship', 'refused', ''],
    ],
  )
  const timeline = recordsIn(saga?.['timeline'])
  assert.deepEqual([timeline.length, timeline[0]?.['kind']], [saga?.['entries'], 'started'])
  const { out } = await amends('saga', home.path, 'o', '--timeline')
  const lines = out.split('\n').filter((line) => !line.includes('amends saga '))
  for (const line of lines) assert.ok(line.length <= 100, line)
})
