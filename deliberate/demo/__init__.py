"""The demonstration: an invented, non-partisan federation of housing co-operatives in the middle of its business."""
