"""Renders templates as transformers does. argv: a JSON file of {"variables": {...}, "templates": [...]}.

Writes one line of JSON for each: its text, or null where it raises.
"""

import copy
import json
import sys

from transformers.utils.chat_template_utils import _compile_jinja_template

with open(sys.argv[1], encoding="utf-8") as file:
    asked = json.load(file)
for template in asked["templates"]:
    try:
        rendered = _compile_jinja_template(template).render(**copy.deepcopy(asked["variables"]))
        print(json.dumps({"text": rendered}))
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
