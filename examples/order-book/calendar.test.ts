import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addDays, isDay } from './calendar.ts'

describe('calendar', () => {
  test('days are added across months and leap years', () => {
    assert.equal(addDays('2012-07-16', 30), '2012-08-15')
    assert.equal(addDays('2012-02-28', 1), '2012-02-29')
    assert.equal(addDays('2013-12-31', 1), '2014-01-01')
  })
  test('only days that exist are days', () => {
    assert.ok(isDay('2012-02-29'))
    for (const text of ['2013-02-29', '2012-13-01', '2012-7-4', '', 'yesterday']) {
      assert.ok(!isDay(text), text)
    }
  })
})
