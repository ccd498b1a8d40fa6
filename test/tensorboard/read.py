"""Prints what TensorBoard finds in the event files of a folder, as JSON."""
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

found = EventAccumulator(sys.argv[1], size_guidance={"tensors": 0, "images": 0, "audio": 0, "histograms": 0, "scalars": 0})
found.Reload()
tags = found.Tags()
print(
    json.dumps(
        {
            "plugins": {tag: found.SummaryMetadata(tag).plugin_data.plugin_name for tag in tags["tensors"]},
            "hparams": [tag for tag in found.summary_metadata if tag.startswith("_hparams_")],
            "scalars": {tag: [[event.step, event.value] for event in found.Scalars(tag)] for tag in tags["scalars"]},
            "histograms": tags["histograms"],
            "images": [[image.width, image.height] for tag in tags["images"] for image in found.Images(tag)],
            "audio": tags["audio"],
            "runMetadata": tags["run_metadata"],
            "nodes": [node.op for node in found.Graph().node] if tags["graph"] else [],
        }
    )
)
