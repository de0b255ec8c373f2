"""The walkthrough on census data: train, capture, judge while training, explain, and say what to type next.

Started as ``trialscope demo`` or ``python -m trialscope.demo``.
"""
