"""`half_gguf.py FROM TO`: a GGUF of quantised weights as one of 16-bit floats, which is what llama.cpp is measured with."""
import sys
import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, LlamaFileType
from gguf.quants import dequantize

reader = GGUFReader(sys.argv[1])
architecture = reader.fields['general.architecture'].contents()
writer = GGUFWriter(sys.argv[2], architecture)
for field in reader.fields.values():
    if field.name.startswith('GGUF.') or field.name in ('general.architecture', 'general.file_type', 'general.quantization_version'):
        continue
    writer.add_key_value(field.name, field.contents(), field.types[0], field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None)
writer.add_file_type(LlamaFileType.MOSTLY_F16)
for tensor in reader.tensors:
    values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32).reshape(tuple(reversed([int(size) for size in tensor.shape])))
    writer.add_tensor(tensor.name, values if values.ndim == 1 else values.astype(np.float16))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
