"""The ways back as ordered steps, and how they are walked (strategy: immediate and planned rollback).

Legacy is never written and never restored: going back means routing people back, and entering again what happened in V5.
"""
