/** Why a folder that somebody named is none to write into, as what follows the word “folder”. */
import { stat } from 'node:fs/promises'

/** @returns undefined when it is there */
export async function noFolder(folder: string): Promise<string | undefined> {
  try {
    return (await stat(folder)).isDirectory() ? undefined : `${folder} is a file. Choose a folder.`
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EACCES' || code === 'EPERM'
      ? `${folder} may not be looked into by this user. Change its permissions, or choose another.`
      : `${folder} is not a folder on this machine. Make it, or choose another.`
  }
}
