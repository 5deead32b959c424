import { strict as assert } from 'node:assert'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ended, lockOf, said, ScratchProject } from './scratch-project.ts'

/** Counts the signals it gets, and ends half a second after the first one. */
const draining = `
let signals = 0
const stay = setInterval(() => {}, 1000)
process.removeAllListeners('SIGINT')
process.on('SIGINT', () => {
  signals++
  setTimeout(() => {
    console.log('signals: ' + signals)
    clearInterval(stay)
    process.exitCode = 7
  }, 500)
})
console.log('ready ' + process.pid)
`

describe('scripts/run.cjs', () => {
  it('installs what is missing, then runs the task with its arguments', async () => {
    using project = new ScratchProject()
    const { code, stdout, stderr } = await project.run('--json', 'a b')
    assert.equal(stdout, '{"args":["--json","a b"]}\n')
    assert.equal(code, 0)
    assert.match(stderr, /npm talks/)
    assert.deepEqual(project.npmCalls, ['ci --include=dev --no-audit --no-fund --loglevel=error'])
  })

  it('installs again when the lock file has changed, and only then', async () => {
    using project = new ScratchProject()
    await project.run()
    await project.run()
    assert.equal(project.npmCalls.length, 1)
    project.write('package-lock.json', lockOf('2.0.0'))
    await project.run()
    assert.equal(project.npmCalls.length, 2)
  })

  it('takes what npm itself has installed from the changed lock file', async () => {
    using project = new ScratchProject()
    await project.run()
    project.write('package-lock.json', lockOf('2.0.0'))
    project.write('node_modules/.package-lock.json', lockOf('2.0.0'))
    await project.run()
    assert.equal(project.npmCalls.length, 1)
  })

  it('installs again after an install that was cut short', async () => {
    using project = new ScratchProject()
    project.npm('process.exit(9)')
    const { code, stderr } = await project.run()
    assert.equal(code, 9)
    assert.match(stderr, /nothing was run/)
    project.npm()
    assert.equal((await project.run()).code, 0)
    assert.equal(project.npmCalls.length, 2)
  })

  it('lets the package "node" install its binary when there is none', async () => {
    using project = new ScratchProject()
    await project.run()
    const node = project.read('node_modules/node/bin/node')
    rmSync(join(project.folder, 'node_modules/node/bin/node'))
    project.write(
      'node_modules/node/installArchSpecificPackage.js',
      `require('fs').writeFileSync('bin/node', ${JSON.stringify(node)}, { mode: 0o755 })`,
    )
    assert.equal((await project.run()).code, 0)
  })

  it('refuses to go on with an older Node, and says what to do', async () => {
    using project = new ScratchProject()
    await project.run()
    project.executable('node_modules/node/bin/node', '#!/bin/sh\necho 20.1.0\n')
    const { code, stdout, stderr } = await project.run()
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /is version 20\.1\.0/)
    assert.match(stderr, /npm ci/)
  })

  it('puts that Node first in PATH, and passes the exit code on', async () => {
    using project = new ScratchProject()
    project.task(`console.log(process.env.PATH)\nprocess.exitCode = 5\n`)
    const { code, stdout } = await project.run()
    assert.equal(code, 5)
    assert.ok(stdout.includes(`${join('node_modules', 'node', 'bin')}:`))
  })

  it('hands a repeated signal down once, and waits for the task to drain', async () => {
    using project = new ScratchProject()
    project.task(draining)
    const child = project.start()
    const end = ended(child)
    await said(child, 'ready')
    child.kill('SIGINT')
    child.kill('SIGINT')
    const { code, stdout } = await end
    assert.match(stdout, /signals: 1/)
    assert.equal(code, 7)
  })

  it('ends the task when it is killed itself', async () => {
    using project = new ScratchProject()
    project.task(`setInterval(() => {}, 1000)\nconsole.log('ready')\n`)
    const child = project.start()
    const end = ended(child)
    await said(child, 'ready')
    child.kill('SIGKILL')
    // Closed only when the task, too, has let go of standard output.
    assert.equal((await end).stdout, 'ready\n')
  })

  it('names the tasks there are', async () => {
    using project = new ScratchProject()
    rmSync(join(project.folder, 'scripts/tasks/tell.mjs'))
    project.write('scripts/tasks/other.mjs', '')
    const { code, stderr } = await project.run()
    assert.equal(code, 2)
    assert.match(stderr, /usage: node scripts\/run\.cjs <other>/)
  })
})
