/**
 * The one file that names the SQLite driver: opens a registry and sees to it that what SQLite reports about the
 * disk reaches people in words.
 */
import Database from 'better-sqlite3'
import fs from 'node:fs'
import path from 'node:path'
import type { ReadableDb, SqlValue, WritableDb } from './handle'
import { lockRegistry } from './lock'
import { migrate, refuseForeignFile, refuseOlderFile } from './migrations'
import { discardUnfinishedImports } from './remove-dataset'
import { inWords } from './storage-problem'

const WAIT_FOR_WRITER_MS = 5000

/**
 * Opens the registry for the one process that writes it: makes folder and file, brings an older file to the
 * present schema.
 * @throws StudioFailure storage: open in another studio, newer than this program, another program's file,
 *   damaged, not writable
 */
export function openRegistry(file: string): WritableDb {
  const registry = path.resolve(file)
  return inWords(registry, () => {
    fs.mkdirSync(path.dirname(registry), { recursive: true })
    const unlock = lockRegistry(registry, new Database(`${registry}.lock`, { timeout: 0 }), () =>
      writerOf(registry),
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
  const connection = new Database(registry, { timeout: WAIT_FOR_WRITER_MS })
  return closedOnFailure(connection, () => {
    const db = handle(registry, connection, { beforeClose: () => leaveWhole(connection), onClose: unlock })
    refuseForeignFile(db)
    connection.pragma('journal_mode = WAL')
    connection.pragma('synchronous = FULL')
    migrate(db)
    connection.pragma('foreign_keys = ON')
    db.run('UPDATE registry SET process_id = ?', process.pid)
    discardUnfinishedImports(db)
    return db
  })
}

interface Closing {
  readonly beforeClose: () => void
  readonly onClose: () => void
}

/** All that was written goes into the registry's one file: whoever copies that alone has everything. */
function leaveWhole(connection: Database.Database): void {
  try {
    connection.pragma('wal_checkpoint(TRUNCATE)')
  } catch {
    // A full or lost disk: what is in the WAL stays there and is read at the next start.
  }
}

function handle(registry: string, connection: Database.Database, closing?: Closing): WritableDb {
  const statement = statementsOf(connection)
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
      inWords(registry, () => {
        const { changes, lastInsertRowid } = statement(sql).run(...values)
        return { changes, lastId: Number(lastInsertRowid) }
      }),
    script: (sql) => inWords(registry, () => void connection.exec(sql)),
    transaction: (work) =>
      inWords(registry, () => (connection.inTransaction ? work() : connection.transaction(work).immediate())),
    close() {
      if (connection.open) closing?.beforeClose()
      connection.close()
      closing?.onClose()
    },
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
  const connection = new Database(registry, { readonly: true, timeout: 0 })
  try {
    return handle(registry, connection).get<{ process_id: number }>('SELECT process_id FROM registry')
      ?.process_id
  } catch {
    return undefined // it is being made this moment
  } finally {
    connection.close()
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
