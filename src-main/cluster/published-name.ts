/** Where a file of a checkpoint lies below Ray's folder of logs: said by the run there, asked for from here. */
export const publishedFolder = 'rlhf-studio'

export const publishedName = (job: string, name: string): string => `${publishedFolder}/${job}/${name}`
