"""Dashboards: series turned into ECharts option dictionaries, purely."""
