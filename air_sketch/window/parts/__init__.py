"""The parts of the window: view, bars, results, help, question."""
