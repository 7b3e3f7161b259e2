"""
Reads GGUF files that the studio wrote with llama.cpp's own package (pip install gguf) and packs their numbers there: python quantised.py FULL.gguf FILE …
Answers with a line of JSON for each file: which tensors have other bytes than the package gives the numbers of FULL.
"""
import json, sys
import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, quants

tensorsIn = lambda file: {tensor.name: tensor for tensor in GGUFReader(file).tensors}
full = {name: quants.dequantize(tensor.data, tensor.tensor_type) for name, tensor in tensorsIn(sys.argv[1]).items()}
for file in sys.argv[2:]:
    read = tensorsIn(file)
    differ = [name for name, tensor in read.items()
              if not np.array_equal(quants.quantize(full[name], tensor.tensor_type).view(np.uint8), tensor.data.view(np.uint8))]
    print(json.dumps({'tensors': len(read), 'kinds': sorted({GGMLQuantizationType(t.tensor_type).name for t in read.values()}), 'differ': differ}))
