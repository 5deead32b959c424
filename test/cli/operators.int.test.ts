/** An operator at the command line, beside a process that runs sagas and without one. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { executionStream } from '../../src/saga/journal/execution-stream.ts'
import { REQUESTS } from '../../src/saga/operator/request-row.ts'
import { until } from '../coordinator/until.ts'
import { amends, begin, endOf, jsonLines, place, program, recordsIn } from './amends.ts'

const WHY = ['--reason', 'because', '--by', 'ann'] as const

describe('beside a process that runs sagas', () => {
  test('a stuck undo is found, tried again, and the execution ends compensated', async () => {
    using home = place()
    await using _running = await program(home.path, 'order:o-1')
    const listed = await amends('sagas', home.path, '--state', 'stuck')
    assert.deepEqual([listed.code, listed.err], [0, ''])
    assert.match(listed.out, /^o-1 +stuck +order .+ operator +ship: NO_CARRIER no carrier$/m)
    const shown = await amends('saga', home.path, 'o-1')
    assert.match(shown.out, /card: its undo has failed for good/)
    assert.match(shown.out, new RegExp(`amends saga retry ${home.path} o-1 card --reason "<why>"`))
    const again = await amends('saga', 'retry', home.path, 'o-1', 'card', ...WHY)
    assert.deepEqual([again.code, again.err], [0, ''])
    assert.match(
      again.out,
      /^done\no-1 is stuck: forward failed, backward stuck, 1 for an operator/,
    )
    writeFileSync(`${home.path}.bank`, '')
    const retried = await amends('saga', 'retry', home.path, 'o-1', 'card', ...WHY)
    assert.equal(retried.out, 'done\no-1 is compensated: forward failed, backward done\n')
    const { out } = await amends('saga', home.path, 'o-1', '--timeline')
    assert.match(out, /card: ann has it tried again: because\n.+-> the undo of card begins/)
    assert.match(out, /=> it has failed; everything is undone|=> .*everything is undone/)
  })

  test('other data, another undo, and letting go', async () => {
    using home = place()
    await using _running = await program(home.path, 'order:a', 'order:b', 'order:c')
    const edit = ['--data', '{"token":"t"}', ...WHY]
    const edited = await amends('saga', 'edit', home.path, 'a', 'card', ...edit)
    assert.match(edited.out, /^done\na is compensated/)
    const replace = ['--undo', 'byHand', '--data', '"cash"', ...WHY]
    const replaced = await amends('saga', 'replace', home.path, 'b', 'card', ...replace)
    assert.match(replaced.out, /^done\nb is compensated/)
    const waived = await amends('saga', 'waive', home.path, 'c', 'card', ...WHY, '--json')
    const [answer] = jsonLines(waived.out)
    assert.deepEqual(
      [answer?.['outcome'], answer?.['now']],
      [
        'done',
        {
          state: 'waived',
          forward: 'failed',
          backward: 'waived',
          openItems: 0,
        },
      ],
    )
  })

  test('a step behind the pivot is tried again', async () => {
    using home = place()
    await using _running = await program(home.path, 'parcel:p')
    const [parcel] = jsonLines((await amends('saga', home.path, 'p', '--json')).out)
    const [item] = recordsIn(parcel?.['items'])
    assert.deepEqual([item?.['kind'], item?.['path']], ['exhausted', 'post'])
    writeFileSync(`${home.path}.courier`, '')
    const retried = await amends('saga', 'retry', home.path, 'p', 'post', ...WHY)
    assert.match(retried.out, /^done\np is completed: forward completed, backward not-needed/)
  })

  test('signals, cancellation and undoing later', async () => {
    using home = place()
    await using _running = await program(home.path, 'approval:s', 'approval:c', 'gift:g')
    const signal = await amends('saga', 'signal', home.path, 's', 'approved', '--data', '"bob"')
    assert.match(signal.out, /^done\ns is completed/)
    const [approved] = jsonLines((await amends('saga', home.path, 's', '--json')).out)
    assert.deepEqual(approved?.['context'], { who: 'ada', by: 'bob' })
    const cancel = await amends('saga', 'cancel', home.path, 'c', ...WHY)
    assert.match(cancel.out, /^done\nc is compensated: forward cancelled, backward done/)
    const { out } = await amends('saga', home.path, 'c', '--timeline')
    assert.match(out, /somebody cancels it: because \(ann\)/)
    const undone = await amends('saga', 'compensate', home.path, 'g', ...WHY)
    assert.match(undone.out, /^done\ng is compensated: forward completed, backward done/)
  })

  test('what is refused says why with its code, and exit code 1', async () => {
    using home = place()
    await using _running = await program(home.path, 'order:o', 'gift:g', 'parcel:p')
    const table: readonly (readonly [string, readonly string[]])[] = [
      ['SAGA_EXECUTION_NOT_FOUND', ['retry', home.path, 'nobody', 'card', ...WHY]],
      ['SAGA_WORK_ITEM_NOT_FOUND', ['retry', home.path, 'o', 'stock', ...WHY]],
      ['SAGA_WORK_ITEM_NOT_FOUND', ['waive', home.path, 'o', 'no/such/step', ...WHY]],
      ['SAGA_VERB_NOT_ALLOWED', ['replace', home.path, 'p', 'post', '--undo', 'x', ...WHY]],
      ['SAGA_EXECUTION_ENDED', ['cancel', home.path, 'g']],
      ['SAGA_EXECUTION_ENDED', ['signal', home.path, 'g', 'late']],
      ['SAGA_EXECUTION_NOT_COMPLETED', ['compensate', home.path, 'o']],
      ['SAGA_EXECUTION_PAST_PIVOT', ['cancel', home.path, 'p']],
    ]
    for (const [code, args] of table) {
      const refused = await amends('saga', ...args)
      assert.equal(refused.code, 1, code)
      assert.match(refused.err, new RegExp(`^amends: ${code}: `), args.join(' '))
    }
  })

  test('the answer is stored in the commit of the entry it leads to', async () => {
    using home = place()
    await using _running = await program(home.path, 'order:o')
    const waive = [home.path, 'o', 'card', ...WHY, '--request-id', 'r-1']
    assert.equal((await amends('saga', 'waive', ...waive)).code, 0)
    await using ledger = await openLedger(home.path, { thread: 'inline' })
    const row = await ledger.row(REQUESTS, 'r-1')
    const events = (await Array.fromAsync(ledger.stream(executionStream('o'), { from: 0 }))).flat()
    const resolved = events.find(({ type }) => type === 'amends.saga.v1.ItemResolved')
    assert.deepEqual([row?.group, row?.version], ['answered', resolved?.commit])
  })

  test('a request that is sent twice under one id is carried out once', async () => {
    using home = place()
    await using _running = await program(home.path, 'order:o')
    const retry = ['retry', home.path, 'o', 'card', ...WHY, '--request-id', 'r-1']
    for (const _ of [1, 2]) assert.equal((await amends('saga', ...retry)).code, 0)
    const { out } = await amends('saga', home.path, 'o', '--timeline')
    assert.equal(out.match(/ann has it tried again/g)?.length, 1)
    const other = ['cancel', home.path, 'o', '--request-id', 'r-1']
    assert.match((await amends('saga', ...other)).err, /^amends: OPERATOR_REQUEST_ID_TAKEN/)
  })
})

describe('without a process that runs sagas', () => {
  test('a request waits in the ledger and is carried out by the next process', async () => {
    using home = place()
    await (await program(home.path, 'order:o'))[Symbol.asyncDispose]()
    const waive = [home.path, 'o', 'card', ...WHY, '--request-id', 'r-1']
    const asked = await amends('saga', 'waive', ...waive, '--wait', '100ms')
    assert.equal(asked.code, 1)
    assert.match(asked.err, /^amends: OPERATOR_REQUEST_UNANSWERED.+\nNo process runs the sagas/)
    const stored = await amends('saga', 'waive', ...waive, '--wait', '0', '--json')
    assert.deepEqual([stored.code, jsonLines(stored.out)[0]?.['outcome']], [0, 'open'])
    const { out } = await amends('saga', home.path, 'o')
    assert.match(out, /ASKED FOR, NOT CARRIED OUT YET\n {2}waive card, by ann/)
    await using _running = await program(home.path)
    const again = await amends('saga', 'waive', ...waive)
    assert.match(again.out, /^done\no is waived/)
  })

  test('requests survive a process that is killed, and are carried out once', async () => {
    using home = place()
    const first = await program(home.path, 'order:o')
    const waits = ['saga', 'retry', home.path, 'o', 'card', ...WHY, '--request-id', 'r-1']
    const asking = endOf(begin([...waits, '--wait', '30s']))
    await first.kill()
    await using _second = await program(home.path)
    const { code, err } = await asking
    assert.deepEqual([code, err], [0, ''])
    const { out } = await amends('saga', home.path, 'o', '--timeline')
    assert.equal(out.match(/ann has it tried again/g)?.length, 1)
  })

  test('who is stopped while waiting leaves the request stored', async () => {
    using home = place()
    await (await program(home.path, 'order:o'))[Symbol.asyncDispose]()
    const retry = ['saga', 'retry', home.path, 'o', 'card', ...WHY]
    const child = begin([...retry, '--request-id', 'r-1', '--wait', '1h'])
    const ended = endOf(child)
    {
      await using ledger = await openLedger(home.path, { thread: 'inline' })
      await until(async () => (await ledger.row(REQUESTS, 'r-1')) !== undefined)
    }
    child.kill('SIGINT')
    const { code, err } = await ended
    assert.equal(code, 130)
    assert.match(err, /^amends: request r-1 stays stored and will be carried out/)
  })
})
