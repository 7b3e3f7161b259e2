/**
 * The one file that names the SQLite driver: opens a registry and sees to it that what SQLite reports about the
 * disk reaches people in words.
 */
import Database from 'better-sqlite3'
import fs from 'node:fs'
import path from 'node:path'
import type { ReadableDb, SqlValue, WritableDb } from './handle'
import { lockRegistry } from './lock'
import { makeFolder } from './make-folder'
import { migrate, refuseForeignFile, refuseOlderFile } from './migrations'
import { realRegistry, refuseEmptied, registryPlace, type RegistryPlace } from './registry-place'
import { discardUnfinishedImports } from './remove-dataset'
import { inWords } from './storage-problem'

const WAIT_FOR_WRITER_MS = 5000

/**
 * Opens the registry for the one process that writes it: makes folder and file, brings an older file to the
 * present schema.
 * @throws StudioFailure storage: open in another studio, newer than this program, another program's file,
 *   damaged, not writable, a file with two names
 */
export function openRegistry(file: string): WritableDb {
  const asked = path.resolve(file)
  return inWords(asked, () => {
    makeFolder(path.dirname(asked))
    const registry = realRegistry(asked)
    const unlock = lockRegistry(
      registry,
      (lock) => new Database(lock, { timeout: 0 }),
      () => writerOf(registry),
    )
    try {
      return openWritable(registry, unlock)
    } catch (error) {
      unlock()
      throw error
    }
  })
}

/**
 * Opens a registry to read, beside its writer or with none.
 * @throws StudioFailure storage: missing, damaged, of another version, another program's file
 */
export function openReadOnly(file: string): ReadableDb {
  const registry = path.resolve(file)
  return inWords(registry, () => {
    const connection = new Database(registry, {
      readonly: true,
      fileMustExist: true,
      timeout: WAIT_FOR_WRITER_MS,
    })
    return closedOnFailure(connection, () => {
      const db = handle(registry, connection)
      refuseForeignFile(db)
      refuseOlderFile(db)
      return db
    })
  })
}

function openWritable(registry: string, unlock: () => void): WritableDb {
  if (fs.existsSync(registry)) refuseEmptied(registry)
  else makeRegistry(registry)
  const connection = new Database(registry, { timeout: WAIT_FOR_WRITER_MS })
  return closedOnFailure(connection, () => {
    const writer: Writer = { unlock }
    const db = handle(registry, connection, writer)
    refuseForeignFile(db)
    connection.pragma('journal_mode = WAL')
    connection.pragma('synchronous = FULL')
    migrate(db)
    connection.pragma('foreign_keys = ON')
    db.run('UPDATE registry SET process_id = ?', process.pid)
    writer.place = registryPlace(registry)
    discardUnfinishedImports(db)
    return db
  })
}

/** A new registry is there whole or not at all: an empty file is always one that something has emptied. */
function makeRegistry(registry: string): void {
  const unfinished = `${registry}.unfinished`
  fs.rmSync(unfinished, { force: true })
  const connection = new Database(unfinished)
  try {
    migrate(handle(unfinished, connection))
  } finally {
    connection.close()
  }
  fs.renameSync(unfinished, registry)
}

/** What only the one that writes a registry has. */
interface Writer {
  readonly unlock: () => void
  /** Known once the log lies beside the file. */
  place?: RegistryPlace
}

function handle(registry: string, connection: Database.Database, writer?: Writer): WritableDb {
  const statement = statementsOf(connection)
  /** What `work` wrote counts only if its file is still there. */
  const writing = <T>(work: () => T): T =>
    inWords(registry, () => {
      const result = work()
      if (!connection.inTransaction) writer?.place?.insist()
      return result
    })
  const transaction = <T>(work: () => T): T =>
    writing(() => (connection.inTransaction ? work() : connection.transaction(work).immediate()))
  return {
    path: registry,
    get isOpen() {
      return connection.open
    },
    all: <Row>(sql: string, ...values: readonly SqlValue[]) =>
      inWords(registry, () => statement(sql).all(...values) as Row[]),
    get: <Row>(sql: string, ...values: readonly SqlValue[]) =>
      inWords(registry, () => statement(sql).get(...values) as Row | undefined),
    run: (sql, ...values) =>
      writing(() => {
        const { changes, lastInsertRowid } = statement(sql).run(...values)
        return { changes, lastId: Number(lastInsertRowid) }
      }),
    runEach: (sql, rows) =>
      transaction(() => {
        const each = statement(sql)
        for (const values of rows) each.run(...values)
      }),
    script: (sql) => writing(() => void connection.exec(sql)),
    transaction,
    lost: () => (connection.open ? writer?.place?.lost() : undefined),
    copyTo: (file) => inWords(file, () => void connection.prepare('VACUUM INTO ?').run(file)),
    close() {
      if (connection.open && writer) leaveWhole(connection)
      connection.close()
      writer?.unlock()
    },
  }
}

/** All that was written goes into the registry's one file: whoever copies that alone has everything. */
function leaveWhole(connection: Database.Database): void {
  try {
    connection.pragma('wal_checkpoint(TRUNCATE)')
  } catch {
    // A full or lost disk: what is in the log stays there and is read at the next start.
  }
}

/** Each statement is compiled once a connection, known by its text. */
function statementsOf(connection: Database.Database): (sql: string) => Database.Statement {
  const compiled = new Map<string, Database.Statement>()
  return (sql) => {
    const known = compiled.get(sql)
    if (known) return known
    const made = connection.prepare(sql)
    compiled.set(sql, made)
    return made
  }
}

/** The process that says it writes this registry; undefined when even that cannot be read. */
function writerOf(registry: string): number | undefined {
  let connection: Database.Database | undefined
  try {
    connection = new Database(registry, { readonly: true, timeout: 0 })
    return handle(registry, connection).get<{ process_id: number }>('SELECT process_id FROM registry')
      ?.process_id
  } catch {
    return undefined // it is being made this moment
  } finally {
    connection?.close()
  }
}

function closedOnFailure<T>(connection: Database.Database, work: () => T): T {
  try {
    return work()
  } catch (error) {
    connection.close()
    throw error
  }
}
