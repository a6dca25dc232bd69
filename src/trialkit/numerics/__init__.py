"""Arrays in, small frozen records out; knows neither pandas nor the study."""
