"""Results to tables, figures and sentences: the only room that rounds; it computes no statistic."""
