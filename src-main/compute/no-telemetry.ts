/**
 * ONNX Runtime's builds for Linux and macOS send to their maker what they run on and what they run, keep a number of
 * this machine in the user's cache, and write logs among the temporary files, unless this variable says otherwise
 * before the library is used. Whatever uses the library imports this file.
 * Source: https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
 */
export const noTelemetry = { ORT_DISABLE_TELEMETRY: '1' } as const

Object.assign(process.env, noTelemetry)
