"""`gemm.py numpy|torch`: products of 1024 x 1024 matrices, by OpenBLAS as NumPy has it or by PyTorch."""
import sys
from peer import serve

size, products = 1024, 8

if sys.argv[1] == 'numpy':
    import numpy as np
    factor = np.full((size, size), 1 / size, np.float32)
    out = np.empty_like(factor)

    def multiply():
        for _ in range(products):
            np.matmul(factor, factor, out=out)

    blas = np.__config__.CONFIG['Build Dependencies']['blas'] if hasattr(np.__config__, 'CONFIG') else {'name': 'its BLAS'}
    name = f"NumPy {np.__version__}, {blas['name']} {blas.get('version', '')}".strip()
else:
    import torch
    torch.set_num_threads(2)
    factor = torch.full((size, size), 1 / size)
    out = torch.empty_like(factor)

    def multiply():
        for _ in range(products):
            torch.mm(factor, factor, out=out)

    name = f'PyTorch {torch.__version__}, {torch.get_num_threads()} threads'

multiply()
serve(name, multiply, units=products)
