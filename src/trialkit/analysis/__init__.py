"""The verbs a biostatistician calls: frame and column names in, ``AnalysisResult`` out."""
