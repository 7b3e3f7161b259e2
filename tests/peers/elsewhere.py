"""Items of a queue in Argilla and Label Studio: read by the programs' own code, answered, and written by it again.

elsewhere.py argilla MODE TASKS OUT | label-studio MODE TASKS OUT MIN CONFIG
"""

import json
import shutil
import sys
import tempfile
import uuid
from pathlib import Path

program, mode, tasks, out = sys.argv[1:5]


def argilla():
    import argilla as rg
    from argilla.records._io import JsonIO

    people = [uuid.UUID(int=1), uuid.UUID(int=2)]
    question = {"pair": "preference", "rating": "rating", "yes-no": "good", "ranking": "ranking"}[mode]
    values = {
        "pair": ["slightly left", "both bad"],
        "rating": [4, 1],
        "yes-no": ["good", "bad"],
        "ranking": [
            [{"value": "B", "rank": 1}, {"value": "A", "rank": 2}, {"value": "C", "rank": 2}],
            [{"value": "C", "rank": 1}, {"value": "B", "rank": 2}, {"value": "A", "rank": 3}],
        ],
    }
    records = JsonIO._records_from_json(tasks)
    for record, value, person in zip(records, values[mode], people):
        record.responses.add(rg.Response(question, value, user_id=person, status="submitted"))
    JsonIO.to_json(records, out)
    print(json.dumps({"fields": sorted(records[0].fields), "records": len(records)}))


def label_studio():
    from label_studio_sdk.converter import Converter
    from label_studio_sdk.label_interface import LabelInterface

    smaller, config = sys.argv[5:7]
    interface = LabelInterface(config)
    interface.validate()
    name, tag, of = {
        "pair": ("preference", "pairwise", "preference"),
        "rating": ("rating", "rating", "completion"),
        "yes-no": ("good", "choices", "completion"),
        "ranking": ("ranking", "ranker", "answers"),
    }[mode]
    values = {
        "pair": [{"selected": "left"}, {"selected": "right"}],
        "rating": [{"rating": 4}, {"rating": 1}],
        "yes-no": [{"choices": ["good"]}, {"choices": ["bad"]}],
        "ranking": [{"ranker": {"rank": ["B", "A", "C"]}}, {"ranker": {"rank": ["C", "B", "A"]}}],
    }[mode]
    exported = []
    for place, (task, value) in enumerate(zip(json.loads(Path(tasks).read_text()), values), 1):
        if mode != "ranking":
            assert interface.validate_task(task), task
        region = {"id": f"r{place}", "from_name": name, "to_name": of, "type": tag, "value": value}
        annotation = {"id": place, "completed_by": {"id": place, "email": f"person{place}@labels.example"}, "result": [region]}
        annotation.update(was_cancelled=False, created_at="2026-01-01", updated_at="2026-01-01", lead_time=1.5)
        exported.append({"id": place, **task, "annotations": [annotation], "predictions": []})
    Path(out).write_text(json.dumps(exported))
    folder = tempfile.mkdtemp()
    Converter(config, project_dir=None).convert_to_json_min(out, folder, is_dir=False)
    shutil.copy(Path(folder) / "result.json", smaller)
    print(json.dumps({"tasks": len(exported), "controls": sorted(control.name for control in interface.controls)}))


{"argilla": argilla, "label-studio": label_studio}[program]()
